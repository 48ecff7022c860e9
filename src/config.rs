//! Settings: the embedded default is the manual.
