//! Verdicts, reasons and alternatives in English, for a terminal.

use crate::recognition::Verdict;

/// A verdict in words.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotVerified => "NOT VERIFIED",
        Verdict::Refer => "REFERRED to another authority",
        Verdict::RecognisedAutomatic => "RECOGNISED, automatically",
        Verdict::RecognisedFull => "RECOGNISED, if an officer agrees",
        Verdict::RecognisedConditional => "RECOGNISED ON CONDITIONS, if an officer agrees",
        Verdict::RecognisedPartial => "RECOGNISED IN PART, if an officer agrees",
        Verdict::CaseByCase => "AN OFFICER DECIDES",
        Verdict::NotRecognised => "NOT RECOGNISED, if an officer agrees; an appeal is open",
    }
}

/// Reasons in words; a code that ends in a colon goes before a name.
const REASONS: &[(&str, &str)] = &[
    ("proof.invalid", "a signature does not hold"),
    ("proof.indeterminate", "the signatures could not be checked"),
    ("paper.manual.verification", "paper is checked by hand"),
    ("paper.refugee.background.report", "a background report takes the place of papers a refugee cannot get"),
    ("status.revoked", "it was revoked"),
    ("status.replaced.use.successor", "it was replaced: use its successor"),
    ("status.suspended", "it is suspended"),
    ("status.unknown", "its status could not be found out"),
    ("certificate.expired", "it has expired"),
    ("validUntil.ignored.for.diploma", "it says that it ended, but such an award does not expire"),
    ("type.unknown", "its kind is not known"),
    ("facts.contradictory", "its dates contradict one another"),
    ("issuer.not.listed", "its issuer is on no list"),
    ("anchor.not.pinned", "the list of its issuer leads to no anchor pinned here"),
    ("award.date.unknown", "its award date is not known"),
    ("accreditation.none.for.scope", "no accreditation covers it"),
    ("accreditation.scope.unknown", "a fact that tells whether the accreditation covers it is missing"),
    ("accreditation.not.in.force.on.award.date", "the accreditation was not in force on the award date"),
    ("accreditation.annulled", "the accreditation was annulled from a day before the award"),
    ("accreditation.suspended.on.award.date", "the accreditation was suspended on the award date"),
    ("accreditation.withdrawn.on.award.date", "the accreditation had been withdrawn by the award date"),
    ("accredited.teach-out", "accredited in teach-out, for a learner who had enrolled before"),
    ("teach-out.new.enrolment", "the learner enrolled after the teach-out began"),
    ("teach-out.enrolment.unknown", "whether the learner had enrolled before the teach-out is not known"),
    ("accredited.on.award.date", "the institution was accredited for it on the award date"),
    ("accreditation.suspended.later", "the accreditation was suspended later"),
    ("accreditation.withdrawn.later", "the accreditation was withdrawn later"),
    ("accreditation.teach-out.later", "the accreditation went into teach-out later"),
    ("accreditation.annulled.later", "the accreditation was annulled from a later day"),
    ("accreditation.expired.later", "the accreditation expired later"),
    ("award.unanchored", "nothing shows that the award existed before the loss"),
    ("award.transcribed.register", "it was copied from a paper register: ask for the register"),
    ("award.registered.in.grace", "it was registered shortly after the loss"),
    ("award.registered.out.of.standing", "it was registered after the loss"),
    ("request.purpose.missing", "the request does not say what for"),
    ("regulated.profession.competent.authority", "the authority of the profession decides"),
    ("agreement.advisory:", "the agreement advises, and decides nothing by itself"),
    ("condition.unknown:", "whether the agreement's condition is met is not known"),
    ("condition.failed:", "the agreement's condition is not met"),
    ("auto.agreement:", "the agreement decides"),
    ("request.target.missing", "the request does not say what to compare it with"),
    ("level.no.agreed.map", "no comparable level was agreed"),
    ("level.indicative.only", "the levels compare by indication only"),
    ("level.lower", "its level is one below the one asked for"),
    ("level.substantially.lower", "its level is more than one below the one asked for"),
    ("level.ambiguous", "its level compares with several, some below the one asked for"),
    ("level.confirm.by.officer", "an officer has to confirm the level"),
    ("partial.qualification.credit.transfer", "a part of a qualification counts as credit"),
    ("workload.unknown", "its workload is not known"),
    ("workload.substantial.difference", "its workload is far below the one needed"),
    ("workload.shortfall", "its workload is below the one needed"),
    ("profile.unknown", "its field is not known well enough"),
    ("profile.different.field", "its field is another"),
    ("outcomes.unknown", "its learning outcomes are not known"),
    ("outcomes.substantial.difference", "too few of the learning outcomes needed"),
    ("outcomes.gap", "some of the learning outcomes needed are missing"),
    ("no.substantial.difference", "no substantial difference"),
];

/// Alternatives in words.
const ALTERNATIVES: &[(&str, &str)] = &[
    ("request.information", "ask for what is missing"),
    ("renewal", "renew it"),
    ("prior.learning.assessment", "have the learning itself assessed"),
    ("recognition.at.lower.level", "recognition at the lower level"),
    ("recognition.at.level:", "recognition at that level"),
    ("partial.recognition", "recognition of a part"),
    ("compensation.measures", "close the gap by study, practice or an examination"),
    ("credit:", "hours that count as credit"),
];

/// A reason in words.
pub(super) fn reason(code: &str) -> &'static str {
    find(REASONS, code)
}

/// An alternative in words.
pub(super) fn alternative(code: &str) -> &'static str {
    find(ALTERNATIVES, code)
}

fn find(table: &[(&str, &'static str)], code: &str) -> &'static str {
    let means = |known: &str| known == code || (known.ends_with(':') && code.starts_with(known));
    table.iter().find(|(known, _)| means(known)).map_or("", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_the_rules_write_has_words() {
        let room = concat!(env!("CARGO_MANIFEST_DIR"), "/src/recognition/judge");
        let files = [
            format!("{room}.rs"),
            format!("{room}/automatic.rs"),
            format!("{room}/general.rs"),
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/accreditation/judge.rs").to_owned(),
        ];
        let mut codes = 0;
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            for quoted in text.split('"').skip(1).step_by(2) {
                let code = quoted.split('{').next().unwrap();
                if code.contains('.') && !code.contains(' ') {
                    assert!(!reason(code).is_empty() || !alternative(code).is_empty(), "{code}");
                    codes += 1;
                }
            }
        }
        assert!(codes > 50, "{codes}");
        assert_eq!(reason("agreement.advisory:A4"), "the agreement advises, and decides nothing by itself");
        assert_eq!(
            (reason("level"), reason("auto.agreement"), alternative("credit:60")),
            ("", "", "hours that count as credit")
        );
    }
}
