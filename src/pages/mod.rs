//! The pages people read: words from `locales/*.ftl`, shapes from `templates/*.html`, one function each.
//!
//! Every page is whole without JavaScript, sets no cookie, and loads nothing but this service's own [`assets`].

pub mod locale;
pub mod qr;

mod agreements;
mod application;
mod asset;
mod band;
mod chart;
mod columns;
mod count;
mod diploma;
mod directory;
mod frameworks;
mod home;
mod marked;
mod partner;
mod problem;
mod statistics;
mod statement;
mod verdict;
mod worth;

use std::borrow::Cow;

pub use agreements::{Found, agreement, agreement_report, agreements};
pub use application::{Standing, application, apply};
pub use asset::{Asset, assets};
pub use count::{CountedAuthority, count};
pub use directory::{Listed, directory, institution, institution_path};
pub use frameworks::frameworks;
pub use home::{Pasted, home, pasted};
pub use locale::{LOCALES, Locale, Reader, negotiate};
pub use problem::problem;
pub use statistics::statistics;
pub use verdict::{CredentialPage, Links};

/// The `Content-Security-Policy` every page is written for: nothing inline, nothing foreign.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Who asks for a page, and where it stands.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The reader's language.
    pub reader: Reader,
    /// The public URL of this service, without a slash at its end.
    pub public_url: &'a str,
    /// The path of the page, for the language switch, with what of its query it cannot do without; `/` for an answer to a form.
    pub path: &'a str,
}

impl<'a> Visit<'a> {
    /// The host and port of the public URL, as a reader sees them in the address bar.
    pub fn host(&self) -> &'a str {
        let rest = self.public_url.split_once("://").map_or(self.public_url, |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    fn text(&self, id: &str) -> String {
        self.reader.locale.text(id)
    }

    fn lang(&self) -> &'static str {
        self.reader.locale.tag
    }

    fn href(&self, path: &str) -> String {
        self.reader.link(path)
    }

    fn languages(&self) -> impl Iterator<Item = Language> {
        LOCALES.iter().map(|locale| Language {
            tag: locale.tag,
            own_name: locale.own_name,
            href: self.reader.locale_link(self.path, locale),
            current: locale.tag == self.reader.locale.tag,
        })
    }

    fn style(&self) -> Cow<'static, str> {
        asset::path("style")
    }

    fn script(&self) -> Cow<'static, str> {
        asset::path("page")
    }

    fn icon(&self) -> Cow<'static, str> {
        asset::path("icon")
    }
}

struct Language {
    tag: &'static str,
    own_name: &'static str,
    href: String,
    current: bool,
}

/// The page as text. Writing to memory does not fail; were it to, an empty page is better than a panic.
fn rendered(page: &impl askama::Template) -> String {
    page.render().unwrap_or_default()
}
