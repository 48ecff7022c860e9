//! The home page: check a signed file, its text, or the address printed on the paper.

use askama::Template;

use super::{Visit, rendered};
use crate::credential::id::CredentialId;
use crate::verify::verdict::State;

/// What a reader pasted into the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pasted<'a> {
    /// The id of a credential of this service, alone or in its address: show its page.
    Id(CredentialId),
    /// Anything else: the text of a document, to be verified.
    Document(&'a str),
}

/// Reads what was pasted. An address counts only when it is one of this service (`public_url`).
pub fn pasted<'a>(text: &'a str, public_url: &str) -> Pasted<'a> {
    let trimmed = text.trim();
    let own = trimmed
        .get(..public_url.len())
        .filter(|start| start.eq_ignore_ascii_case(public_url))
        .map(|_| &trimmed[public_url.len()..])
        .and_then(|path| path.get(..3).filter(|start| start.eq_ignore_ascii_case("/c/")).map(|_| &path[3..]))
        .map(|rest| rest.split(['?', '#', '.', '/']).next().unwrap_or(rest));
    let alone: String = trimmed.chars().take(64).filter(|c| !matches!(c, ' ' | '-')).collect();
    match CredentialId::parse(own.unwrap_or(&alone)) {
        Ok(id) => Pasted::Id(id),
        Err(_) => Pasted::Document(text),
    }
}

/// The home page. Its form posts `multipart/form-data` to `/verify` with `file` and `text`, either may be empty.
pub fn home(visit: &Visit<'_>) -> String {
    rendered(&Page { visit: *visit, title: visit.text("home-title") })
}

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    visit: Visit<'a>,
    title: String,
}

impl Page<'_> {
    /// Each state with its words, in the order of good news.
    fn answers(&self) -> impl Iterator<Item = (&'static str, String, String)> {
        let states = [
            State::Genuine,
            State::GenuineBut,
            State::Withdrawn,
            State::CouldNotBeChecked,
            State::NotGenuine,
        ];
        states.into_iter().map(|state| {
            let id = format!("state-{}", state.as_str());
            (state.as_str(), self.visit.text(&id), self.visit.text(&format!("{id}.means")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_of_this_service_is_known() {
        let id = CredentialId::parse("0mvs7wqp29d49tmb963atq3yhy").unwrap();
        let here = "https://diplomas.vn.example";
        for text in [
            "0mvs7wqp29d49tmb963atq3yhy",
            " 0MVS7 WQP29 D49TM B963A TQ3YH Y\n",
            "HTTPS://DIPLOMAS.VN.EXAMPLE/C/0MVS7WQP29D49TMB963ATQ3YHY",
            "https://diplomas.vn.example/c/0mvs7wqp29d49tmb963atq3yhy.json",
            "https://diplomas.vn.example/c/0mvs7wqp29d49tmb963atq3yhy?lang=lo",
        ] {
            assert_eq!(pasted(text, here), Pasted::Id(id), "{text}");
        }
        for text in ["{}", "", "https://diplomas.vn.example.evil/c/0mvs7wqp29d49tmb963atq3yhy", "ກ"] {
            assert_eq!(pasted(text, here), Pasted::Document(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text: String) {
            let _ = pasted(&text, "https://h.example");
        }
    }
}
