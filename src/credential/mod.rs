//! A credential: the exact bytes and a typed view of them.

pub mod id;
