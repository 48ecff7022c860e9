//! The page behind a problem's `type` URL, and the page a person gets instead of problem+json.

use askama::Template;

use super::marked::Marked;
use super::{Visit, rendered};

/// The page of the problem `code` (`/problems/CODE`), or `None` when no language has words for it.
///
/// `detail` and `request_id` tell of one occurrence; the page at the `type` URL has neither.
pub fn problem(
    visit: &Visit<'_>,
    code: &str,
    status: u16,
    detail: Option<&str>,
    request_id: Option<&str>,
) -> Option<String> {
    let locale = visit.reader.locale;
    let known = code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let title = locale.find(&format!("problem-{code}"), &[]).filter(|_| known)?;
    let part = |name: &str| locale.find(&format!("problem-{code}.{name}"), &[]);
    Some(rendered(&Page {
        visit: *visit,
        title,
        means: part("means")?,
        todo: part("do")?,
        status: locale.text_with("problem-status", &[("status", &status.to_string())]),
        code: code.to_owned(),
        detail: detail.filter(|text| !text.is_empty()).map(|text| Marked::new(text, Some("en"), locale)),
        request_id: request_id.map(|id| Marked::new(id, None, locale)),
    }))
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    visit: Visit<'a>,
    title: String,
    means: String,
    todo: String,
    status: String,
    code: String,
    detail: Option<Marked>,
    request_id: Option<Marked>,
}
