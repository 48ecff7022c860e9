//! The form of the home page: `multipart/form-data` (RFC 7578), already in memory and so within the size limit.

use memchr::memmem;

/// The most parts looked at; the form has two.
const MAX_PARTS: usize = 16;
/// The longest head of a part, bytes.
const MAX_HEAD: usize = 4 << 10;

/// One part: the name of its field and what was put in.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The field.
    pub name: String,
    /// What was put in.
    pub content: &'a [u8],
}

/// The parts of a form, in order. `None` when the body is no such form.
pub fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let (media, parameters) = content_type.split_once(';')?;
    if !media.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary").filter(|text| (1..=70).contains(&text.len()))?;
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let finder = memmem::Finder::new(&between);
    let mut found = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = finder.find(part)?;
        if found.len() == MAX_PARTS {
            return None;
        }
        found.push(one(&part[..end])?);
        rest = &part[end + between.len()..];
    }
    rest.starts_with(b"--").then_some(found)
}

fn one(part: &[u8]) -> Option<Part<'_>> {
    let end = memmem::find(&part[..part.len().min(MAX_HEAD)], b"\r\n\r\n")?;
    let head = std::str::from_utf8(&part[..end]).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let (_, parameters) = disposition.split_once(';')?;
    Some(Part { name: parameter(parameters, "name")?.to_owned(), content: &part[end + 4..] })
}

/// A parameter, quoted or not. The names here never hold a `;`.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|parameter| {
        let (known, value) = parameter.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KIND: &str = "multipart/form-data; boundary=----abc";

    #[test]
    fn both_fields_are_read() {
        let body = b"------abc\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{\"a\":\r\n1}\r\n------abc\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n\r\n------abc--\r\n";
        let found = parts(KIND, body).unwrap();
        assert_eq!(found[0], Part { name: "file".to_owned(), content: b"{\"a\":\r\n1}" });
        assert_eq!(found[1], Part { name: "text".to_owned(), content: b"" });
    }

    #[test]
    fn what_is_no_form_is_none() {
        for body in [&b""[..], b"------abc", b"------abc\r\n\r\n", b"{}", b"------abc\r\nx\r\n------abc--"] {
            assert_eq!(parts(KIND, body), None);
        }
        assert_eq!(parts("text/plain", b"------abc--"), None);
        assert_eq!(parts("multipart/form-data", b"------abc--"), None);
        assert_eq!(parts(KIND, b"------abc--\r\n"), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = parts(KIND, &[b"------abc\r\n".as_slice(), &body].concat());
        }
    }
}
