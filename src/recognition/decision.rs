//! What was decided: a verdict, its reasons, a level and what else is open to the applicant.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::framework;

/// A verdict of recognition-rules/1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The credential itself does not hold.
    NotVerified,
    /// Another authority decides.
    Refer,
    /// An agreement in force decides; the only verdict that may be issued without an officer.
    RecognisedAutomatic,
    /// No substantial difference.
    RecognisedFull,
    /// Recognised, once a gap is closed.
    RecognisedConditional,
    /// A part of it, or a lower level.
    RecognisedPartial,
    /// An officer has to look.
    CaseByCase,
    /// Not recognised; always with reasons, alternatives and the way to appeal.
    NotRecognised,
}

impl Verdict {
    /// The verdict as recognition-rules/1 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::NotVerified => "NOT_VERIFIED",
            Verdict::Refer => "REFER",
            Verdict::RecognisedAutomatic => "RECOGNISED_AUTOMATIC",
            Verdict::RecognisedFull => "RECOGNISED_FULL",
            Verdict::RecognisedConditional => "RECOGNISED_CONDITIONAL",
            Verdict::RecognisedPartial => "RECOGNISED_PARTIAL",
            Verdict::CaseByCase => "CASE_BY_CASE",
            Verdict::NotRecognised => "NOT_RECOGNISED",
        }
    }

    /// Whether it says yes to the whole award.
    pub fn is_yes(self) -> bool {
        matches!(
            self,
            Verdict::RecognisedAutomatic | Verdict::RecognisedFull | Verdict::RecognisedConditional
        )
    }

    /// Whether it recognises nothing.
    pub fn is_no_or_open(self) -> bool {
        matches!(self, Verdict::NotVerified | Verdict::Refer | Verdict::CaseByCase | Verdict::NotRecognised)
    }
}

/// A level of a framework, written `LNQF:5`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LevelRef {
    /// The id of the framework.
    pub framework: String,
    /// The level.
    pub level: u32,
}

impl LevelRef {
    /// Reads `LNQF:5`, a level of a framework known here.
    pub fn parse(text: &str) -> Option<LevelRef> {
        let (framework, code) = text.rsplit_once(':')?;
        framework::level(framework, code)?;
        Some(LevelRef { framework: framework.to_owned(), level: code.parse().ok()? })
    }
}

impl std::fmt::Display for LevelRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.framework, self.level)
    }
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in the order in which the rules reach them: codes of recognition-rules/1, some with a name behind a colon.
    pub reasons: Vec<Cow<'static, str>>,
    /// The level it is recognised at.
    pub level: Option<LevelRef>,
    /// What else is open to the applicant.
    pub alternatives: Vec<Cow<'static, str>>,
}

impl Decision {
    /// The members `verdict`, `reasons`, and `level` and `alternatives` where there are any, in this order.
    pub fn to_members(&self) -> Map<String, Value> {
        let list = |texts: &[Cow<'static, str>]| {
            texts.iter().map(|text| Value::from(text.as_ref())).collect::<Vec<_>>()
        };
        let mut members = Map::new();
        members.insert("verdict".to_owned(), self.verdict.as_str().into());
        members.insert("reasons".to_owned(), list(&self.reasons).into());
        if let Some(level) = &self.level {
            members.insert("level".to_owned(), level.to_string().into());
        }
        if !self.alternatives.is_empty() {
            members.insert("alternatives".to_owned(), list(&self.alternatives).into());
        }
        members
    }
}
