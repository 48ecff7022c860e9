//! Style, script and icon of the pages: embedded, named by their content, to be kept by browsers for ever.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use super::locale::LOCALES;
use crate::codec::hex;
use crate::crypto::sha256;

/// A file the pages link to. Its name changes with its content: serve it `immutable`.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The path, `/assets/NAME-HASH.EXTENSION`.
    pub path: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
}

/// Every file the pages link to.
pub fn assets() -> &'static [Asset] {
    &ASSETS
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("style", "css", "text/css; charset=utf-8", Cow::Owned(style().into_bytes())),
        asset("page", "js", "text/javascript; charset=utf-8", Cow::Borrowed(include_bytes!("page.js"))),
        asset("region", "svg", "image/svg+xml", Cow::Borrowed(include_bytes!("map/region.svg"))),
        asset("world", "svg", "image/svg+xml", Cow::Borrowed(include_bytes!("map/world.svg"))),
        asset("icon", "svg", "image/svg+xml", Cow::Borrowed(include_bytes!("icon.svg"))),
    ]
});

/// The path of the asset called `name`; empty when there is none.
pub(super) fn path(name: &str) -> Cow<'static, str> {
    let start = format!("/assets/{name}-");
    ASSETS
        .iter()
        .find(|asset| asset.path.starts_with(&start))
        .map_or(Cow::Borrowed(""), |asset| asset.path.as_str().into())
}

fn asset(name: &str, extension: &str, content_type: &'static str, bytes: Cow<'static, [u8]>) -> Asset {
    let hash = hex::encode(&sha256(&bytes)[..6]);
    Asset { path: format!("/assets/{name}-{hash}.{extension}"), content_type, bytes }
}

/// The style sheet, with the fonts of each language's script.
fn style() -> String {
    let mut style = include_str!("style.css").to_owned();
    for row in LOCALES {
        let _ = write!(
            style,
            ":lang({}){{font-family:{}}}\n.display:lang({0}),.display :lang({0}){{font-family:{}}}\n",
            row.tag, row.fonts, row.display_fonts
        );
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_content() {
        for asset in assets() {
            let name = asset.path.strip_prefix("/assets/").unwrap();
            assert_eq!(path(name.split('-').next().unwrap()), asset.path);
            assert!(!asset.bytes.is_empty());
        }
        assert_ne!(
            asset("a", "css", "", Cow::Borrowed(b"1")).path,
            asset("a", "css", "", Cow::Borrowed(b"2")).path
        );
    }
}
