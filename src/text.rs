//! Language tags and text in several languages.
