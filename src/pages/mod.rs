//! The pages people read: words from `locales/*.ftl`, shapes from `templates/*.html`, one function each.

pub mod locale;
pub mod qr;

pub use locale::{LOCALES, Locale, Reader, negotiate};
