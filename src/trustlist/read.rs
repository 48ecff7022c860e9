//! Reads members one by one, naming the one at fault.

use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::TrustListError;
use super::signed::wrong;
use crate::credential::problem::At;
use crate::credential::validity::{Day, Stamp};
use crate::crypto::PublicKey;
use crate::did::{Did, DidUrl};
use crate::text::LocalizedText;

/// An object and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) map: &'a Map<String, Value>,
    pub(super) at: At<'a>,
}

type Read<T> = Result<T, TrustListError>;

impl<'a> Reader<'a> {
    pub(super) fn of(value: &'a Value, at: At<'a>) -> Read<Self> {
        match value {
            Value::Object(map) => Ok(Self { map, at }),
            _ => Err(wrong(at.pointer(), "it is to be an object")),
        }
    }

    pub(super) fn wrong(&self, name: &str, message: &'static str) -> TrustListError {
        wrong(self.at.name(name).pointer(), message)
    }

    pub(super) fn maybe_text(&self, name: &str) -> Read<Option<&'a str>> {
        match self.map.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "it is to be text")),
        }
    }

    pub(super) fn text(&self, name: &str) -> Read<&'a str> {
        self.maybe_text(name)?.ok_or_else(|| self.wrong(name, "it is missing"))
    }

    pub(super) fn number(&self, name: &str) -> Read<u64> {
        let number = self.map.get(name).and_then(Value::as_u64);
        number.ok_or_else(|| self.wrong(name, "it is to be a whole number"))
    }

    pub(super) fn maybe_time(&self, name: &str) -> Read<Option<Timestamp>> {
        let Some(text) = self.maybe_text(name)? else { return Ok(None) };
        let time = Stamp::parse(text).ok().and_then(|stamp| stamp.timestamp());
        time.map(Some).ok_or_else(|| self.wrong(name, "it is to be a date and time with an offset"))
    }

    pub(super) fn time(&self, name: &str) -> Read<Timestamp> {
        self.maybe_time(name)?.ok_or_else(|| self.wrong(name, "it is missing"))
    }

    pub(super) fn day(&self, name: &str) -> Read<Day> {
        Day::parse(self.text(name)?).map_err(|_| self.wrong(name, "it is to be a date, YYYY-MM-DD"))
    }

    pub(super) fn did(&self, name: &str) -> Read<Did> {
        Did::parse(self.text(name)?).map_err(|_| self.wrong(name, "it is to be a DID"))
    }

    /// A key by its full URL, whose fragment spells it out.
    pub(super) fn key(&self, name: &str) -> Read<(DidUrl, String)> {
        let spelt = || self.wrong(name, "it is to be a DID URL whose fragment is the key");
        let url = DidUrl::parse(self.text(name)?).map_err(|_| spelt())?;
        let key = url.fragment().unwrap_or_default().to_owned();
        PublicKey::from_multikey(&key).map_err(|_| spelt())?;
        Ok((url, key))
    }

    pub(super) fn url(&self, name: &str) -> Read<Url> {
        let url = Url::parse(self.text(name)?).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        url.ok_or_else(|| self.wrong(name, "it is to be a URL"))
    }

    pub(super) fn names(&self, name: &str) -> Read<LocalizedText> {
        let fault = || self.wrong(name, "it is to be an object of texts by language");
        let map = self.map.get(name).and_then(Value::as_object).ok_or_else(fault)?;
        LocalizedText::parse(map).map_err(|_| fault())
    }

    /// The objects of a member that is a list, one object, or not there; at most `most`.
    pub(super) fn each<T>(
        &self,
        name: &str,
        most: usize,
        mut take: impl FnMut(Reader<'_>) -> Read<T>,
    ) -> Read<Vec<T>> {
        let at = self.at.name(name);
        match self.map.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) if items.len() > most => {
                Err(self.wrong(name, "it has too many entries"))
            }
            Some(Value::Array(items)) => {
                let one = |(index, item)| take(Reader::of(item, at.item(index))?);
                items.iter().enumerate().map(one).collect()
            }
            Some(one) => Ok(vec![take(Reader::of(one, at)?)?]),
        }
    }

    /// An object that may be left out.
    pub(super) fn maybe<T>(&self, name: &str, take: impl FnOnce(Reader<'_>) -> Read<T>) -> Read<Option<T>> {
        let at = self.at.name(name);
        self.map.get(name).map(|value| take(Reader::of(value, at)?)).transpose()
    }
}
