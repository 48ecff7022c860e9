//! Agreements are looked up: which there are, and what is on record of one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::access::{Act, TokenRecord};
use crate::credential::validity::Day;
use crate::institution::Slug;
use crate::recognition::{ActivityKind, Kind, State};
use crate::registry::agreements::{AgreementFile, Agreements};
use crate::urls::agreement_path;

/// Most countries looked for at once.
const MAX_COUNTRIES: usize = 16;

/// A word of a filter is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{of} {rule}")]
pub struct FilterError {
    /// What it was to say: `country`, `kind`, `state` or `keeper`.
    pub of: &'static str,
    /// What it must be, such as "is one of …".
    pub rule: String,
}

/// Which agreements are looked for; what is `None` or empty is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Countries, each of which is one of its parties'.
    pub countries: Vec<String>,
    /// What sort it is.
    pub kind: Option<Kind>,
    /// Where it stands on the day.
    pub state: Option<State>,
    /// Who keeps it.
    pub keeper: Option<Slug>,
}

impl Filter {
    /// Reads what somebody asks for; what is empty is not asked.
    ///
    /// # Errors
    /// The first word that is not what it must be.
    pub fn parse(
        countries: impl IntoIterator<Item = impl AsRef<str>>,
        kind: Option<&str>,
        state: Option<&str>,
        keeper: Option<&str>,
    ) -> Result<Self, FilterError> {
        let wrong = |of, rule: String| FilterError { of, rule };
        let mut filter = Self::default();
        for country in countries {
            let country = country.as_ref();
            if country.is_empty() {
                continue;
            }
            if country.len() != 2 || filter.countries.len() >= MAX_COUNTRIES {
                let rule = format!("is a country code of ISO 3166-1, up to {MAX_COUNTRIES} of them");
                return Err(wrong("country", rule));
            }
            filter.countries.push(country.to_ascii_uppercase());
        }
        if let Some(word) = said(kind) {
            let rule = || "is treaty, ministry, institution or training-contract".to_owned();
            filter.kind = Some(Kind::parse(word).ok_or_else(|| wrong("kind", rule()))?);
        }
        if let Some(word) = said(state) {
            let known: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
            let rule = || format!("is one of {}", known.join(", "));
            filter.state = Some(State::parse(word).ok_or_else(|| wrong("state", rule()))?);
        }
        if let Some(slug) = said(keeper) {
            filter.keeper = Some(Slug::parse(slug).map_err(|why| wrong("keeper", why.to_string()))?);
        }
        Ok(filter)
    }

    /// The agreements that it lets through and `reader` may see, by id.
    pub fn of<'a>(
        &'a self,
        agreements: &'a Agreements,
        on: Day,
        reader: Option<&'a TokenRecord>,
    ) -> impl Iterator<Item = &'a Arc<AgreementFile>> {
        all(agreements, reader).filter(move |file| {
            let of = |country: &String| file.terms.parties.iter().any(|party| party.territory == *country);
            self.countries.iter().all(of)
                && self.kind.is_none_or(|kind| file.terms.kind == kind)
                && self.state.is_none_or(|state| file.registered.state_on(on) == state)
                && self.keeper.as_ref().is_none_or(|keeper| file.keeper == *keeper)
        })
    }
}

/// A word that says something.
fn said(word: Option<&str>) -> Option<&str> {
    word.filter(|word| !word.is_empty())
}

/// Every agreement that somebody may see, by id.
pub fn all<'a>(
    agreements: &'a Agreements,
    reader: Option<&'a TokenRecord>,
) -> impl Iterator<Item = &'a Arc<AgreementFile>> {
    agreements.iter().filter_map(move |file| shown(agreements, &file.terms.id, reader))
}

/// The agreement of an id that somebody may see: where several institutions have filed it, the first that is shown.
pub fn shown<'a>(
    agreements: &'a Agreements,
    id: &str,
    reader: Option<&TokenRecord>,
) -> Option<&'a Arc<AgreementFile>> {
    agreements.each(id).find(|file| is_shown(file, reader))
}

/// Whether somebody may see an agreement: anybody one that was signed, and a draft whoever reads its keeper's register.
pub fn is_shown(file: &AgreementFile, reader: Option<&TokenRecord>) -> bool {
    !file.registered.history().is_empty() || reads(file, reader)
}

fn reads(file: &AgreementFile, reader: Option<&TokenRecord>) -> bool {
    reader.is_some_and(|reader| reader.allows(Act::Read, &file.keeper))
}

/// An agreement in short.
pub fn short(file: &AgreementFile, on: Day) -> Value {
    let terms = file.registered.terms();
    let mut out = Map::new();
    out.insert("agreementId".to_owned(), json!(file.terms.id));
    for name in ["name", "kind", "effectiveFrom", "effectiveTo", "party"] {
        if let Some(value) = terms.get(name) {
            out.insert(name.to_owned(), value.clone());
        }
    }
    out.insert("state".to_owned(), json!(file.registered.state_on(on).as_str()));
    out.insert("keeper".to_owned(), json!(file.keeper));
    out.insert("signedBy".to_owned(), json!(signed_by(file)));
    out.insert("path".to_owned(), json!(agreement_path(&file.terms.id)));
    Value::Object(out)
}

/// How it was signed: `parties`, `paper`, or by nobody yet.
pub fn signed_by(file: &AgreementFile) -> Option<&'static str> {
    match (file.signed, file.on_paper) {
        (true, _) => Some("parties"),
        (false, true) => Some("paper"),
        (false, false) => None,
    }
}

/// All that is on record of an agreement; what was done under it one by one only to whoever reads its keeper's register.
pub fn whole(agreements: &Agreements, file: &AgreementFile, on: Day, reader: Option<&TokenRecord>) -> Value {
    let stored = file.registered.to_value();
    let (types, total) = activities(agreements, file);
    let by_type: Map<String, Value> =
        types.iter().map(|(kind, number)| (kind.as_str().to_owned(), json!(number))).collect();
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    put("agreementId", json!(file.terms.id));
    put("keeper", json!(file.keeper));
    put("version", json!(file.version));
    put("on", json!(on.to_string()));
    put("state", json!(file.registered.state_on(on).as_str()));
    put("signedBy", json!(signed_by(file)));
    put("agreement", stored.get("agreement").cloned().unwrap_or_default());
    put("history", stored.get("history").cloned().unwrap_or_default());
    if let Some(by) = stored.get("supersededBy") {
        put("supersededBy", by.clone());
    }
    if let Some(document) = stored.get("signed") {
        put("verifiableCredential", document.clone());
    }
    let mut told = Map::new();
    told.insert("total".to_owned(), json!(total));
    told.insert("byType".to_owned(), Value::Object(by_type));
    if reads(file, reader) {
        let own = agreements.under(file);
        told.insert("items".to_owned(), own.map(|one| one.activity.to_value()).collect());
    }
    put("activities", Value::Object(told));
    Value::Object(out)
}

/// How many activities there are under an agreement, by type and in all.
pub fn activities(agreements: &Agreements, file: &AgreementFile) -> (BTreeMap<ActivityKind, usize>, usize) {
    let mut types: BTreeMap<ActivityKind, usize> = BTreeMap::new();
    agreements.under(file).for_each(|one| *types.entry(one.activity.kind).or_default() += 1);
    let total = types.values().sum();
    (types, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_what_was_asked_and_names_what_it_cannot() {
        let none: [&str; 0] = [];
        let read = Filter::parse(["vn", "", "LA"], Some("treaty"), Some(""), Some("moet-vn")).unwrap();
        assert_eq!(read.countries, ["VN", "LA"]);
        assert_eq!((read.kind, read.state), (Some(Kind::Treaty), None));
        assert_eq!(read.keeper, Some(Slug::parse("moet-vn").unwrap()));
        assert_eq!(Filter::parse(none, None, None, None), Ok(Filter::default()));
        let wrong = |countries: &[&str], words: [Option<&str>; 3]| {
            let [kind, state, keeper] = words;
            Filter::parse(countries, kind, state, keeper).unwrap_err().to_string()
        };
        assert!(wrong(&["LAO"], [None; 3]).starts_with("country is a country code"));
        assert!(wrong(&["LA"; 17], [None; 3]).starts_with("country "));
        assert!(wrong(&[], [Some("pact"), Some("x"), None]).starts_with("kind is treaty, "));
        assert!(wrong(&[], [None, Some("over"), None]).starts_with("state is one of draft, "));
        assert!(wrong(&[], [None, None, Some("A B")]).starts_with("keeper "));
    }
}
