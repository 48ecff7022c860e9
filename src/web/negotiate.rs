//! Which form of an answer the reader wants: `Accept` (RFC 9110, section 12.5.1), nothing but the type and its weight.

use http::{HeaderMap, header};

/// The first of `offers` with the highest weight in `Accept`; the first of all without that header.
///
/// `None` when the reader wants none of them. Among equal weights the reader's own order decides, then ours.
pub fn best(headers: &HeaderMap, offers: &[&'static str]) -> Option<&'static str> {
    let Some(accept) = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()) else {
        return offers.first().copied();
    };
    let mut best: Option<(&'static str, u16)> = None;
    for range in accept.split(',').take(40) {
        let mut parts = range.split(';');
        let media = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, weight);
        let matches =
            |offer: &&&'static str| media == "*/*" || same(media, offer) || whole_group(media, offer);
        let Some(offer) = offers.iter().find(matches) else { continue };
        if weight > best.map_or(0, |(_, known)| known) {
            best = Some((offer, weight));
        }
    }
    best.map(|(offer, _)| offer)
}

/// Whether a person asks, of what has a page besides its data.
pub fn by_person(headers: &HeaderMap) -> bool {
    best(headers, &["application/json", "text/html"]) == Some("text/html")
}

/// Whether the reader names this type itself, not by a wildcard.
pub fn names(headers: &HeaderMap, media: &str) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|range| same(range.split(';').next().unwrap_or_default().trim(), media))
}

/// Whether the reader takes gzip (RFC 9110, section 12.5.3).
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let encodings =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    encodings.split(',').any(|range| {
        let mut parts = range.split(';');
        let gzip = parts.next().is_some_and(|coding| coding.trim().eq_ignore_ascii_case("gzip"));
        gzip && parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, weight) > 0
    })
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2).
pub fn has_already(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|tags| tags.split(',').any(|known| known.trim() == "*" || bare(known) == bare(tag)))
}

fn same(media: &str, offer: &str) -> bool {
    media.eq_ignore_ascii_case(offer)
}

/// `text/*`
fn whole_group(media: &str, offer: &str) -> bool {
    media.strip_suffix("/*").is_some_and(|group| offer.split('/').next() == Some(group))
}

/// A weight in thousandths; nonsense weighs nothing.
fn weight(text: &str) -> u16 {
    match text.trim().parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0) as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().unwrap());
        headers
    }

    #[test]
    fn the_reader_decides_and_we_offer() {
        let offers = ["application/vc", "application/ld+json", "application/json", "text/html"];
        let chosen = |value: &str| best(&accept(value), &offers);
        assert_eq!(best(&HeaderMap::new(), &offers), Some("application/vc"));
        assert_eq!(chosen("*/*"), Some("application/vc"));
        assert_eq!(chosen("application/ld+json, application/json"), Some("application/ld+json"));
        assert_eq!(chosen("application/json, application/ld+json"), Some("application/json"));
        assert_eq!(
            chosen("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            Some("text/html")
        );
        assert_eq!(chosen("text/*;q=0.2, application/json;q=0.1"), Some("text/html"));
        assert_eq!(chosen("application/vc;q=0, application/json;q=0.1"), Some("application/json"));
        assert_eq!(chosen("image/png"), None);
        assert_eq!(chosen("application/json;q=nonsense"), None);
    }

    #[test]
    fn gzip_is_taken_unless_refused() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            takes_gzip(&headers)
        };
        assert!(takes("gzip") && takes("br, GZIP;q=0.5"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes(""));
    }

    #[test]
    fn a_known_version_is_not_sent_again() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, "W/\"a\", \"b\"".parse().unwrap());
        assert!(
            has_already(&headers, "\"a\"")
                && has_already(&headers, "\"b\"")
                && !has_already(&headers, "\"c\"")
        );
    }
}
