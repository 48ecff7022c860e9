//! The pages people read.
