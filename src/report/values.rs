//! What may be asked for as a value. That follows from the definitions and from who is here, never from what is on record:
//! a refusal must not tell whether somebody has a value, and what is signed repeats nobody's words.

use crate::app::App;
use crate::framework;
use crate::recognition::is_country;
use crate::statistics::Dimension;

/// What stands for no value.
const SPECIAL: [&str; 3] = ["not-stated", "other", "withheld"];

/// Whether the dimension may have the value.
pub(super) fn may_be(app: &App, dimension: &Dimension, value: &str) -> bool {
    if SPECIAL.contains(&value) || dimension.values.iter().any(|known| known == value) {
        return true;
    }
    let members = || app.registry.members().into_iter().map(|member| member.institution.clone());
    match dimension.id.as_str() {
        "year" => value.len() == 4 && value.bytes().all(|byte| byte.is_ascii_digit()),
        "institution" => members().any(|institution| institution.slug.as_str() == value),
        "level" => {
            value.split_once(':').is_some_and(|(system, code)| framework::level(system, code).is_some())
        }
        "receiving" => members().any(|institution| institution.territory() == Some(value)),
        "origin" => is_country(value),
        "pair" => value.split('-').all(is_country) && value.split('-').is_sorted_by(|one, next| one < next),
        _ => false,
    }
}
