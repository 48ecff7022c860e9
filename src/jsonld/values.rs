//! Value expansion (JSON-LD 1.1 API section 5.3): what a string, number or boolean means under a term.

use super::{
    active::{Active, At},
    context::Ctx,
    error::{Code, JsonLdError},
    expand::Walk,
    iri,
    term::{Coercion, Direction, Meaning},
    tree::{Id, Item, Lexical, Literal, LiteralType, Node},
};
use serde_json::Value;
use std::borrow::Cow;

impl<'a> Walk<'a> {
    /// Value expansion (section 5.3).
    pub(super) fn scalar(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        value: &'a Value,
        at: At<'_>,
    ) -> Result<Item<'a>, JsonLdError> {
        let coercion = active.term.map_or(&Coercion::Unset, |t| &t.coercion);
        if let Value::String(text) = value
            && matches!(coercion, Coercion::Id | Coercion::Vocab)
        {
            let id = self.id(ctx.meaning(text, *coercion == Coercion::Vocab, true), text, at)?;
            return Ok(Item::Node(Box::new(Node { id, ..Node::default() })));
        }
        let mut literal = Literal {
            value: Lexical::Json(value),
            datatype: LiteralType::Unset,
            language: None,
            direction: None,
            index: None,
        };
        match coercion {
            Coercion::Datatype(iri) => literal.datatype = LiteralType::Iri(Cow::Borrowed(iri.as_ref())),
            Coercion::Json => literal.datatype = LiteralType::Json,
            _ if value.is_string() => {
                literal.language = match active.term.and_then(|t| t.language.as_ref()) {
                    Some(own) => own.as_deref().map(Cow::Borrowed),
                    None => ctx.language.as_deref().map(Cow::Borrowed),
                };
                literal.direction = self.direction(ctx, active);
            }
            _ => {}
        }
        Ok(Item::Literal(literal))
    }

    /// The direction of strings under a term.
    pub(super) fn direction(&self, ctx: &Ctx<'a>, active: Active<'a>) -> Option<Direction> {
        match active.term.and_then(|t| t.direction) {
            Some(own) => own,
            None => ctx.direction,
        }
    }

    /// An expanded `@id`, or a value that is one.
    pub(super) fn id(&self, meaning: Meaning<'a>, text: &str, at: At<'_>) -> Result<Id<'a>, JsonLdError> {
        Ok(match meaning {
            Meaning::Iri(iri) => {
                if self.safe() && !iri.starts_with("_:") && !iri::is_well_formed(&iri) {
                    return at.fail(Code::RelativeReference, format!("{text:?} is not an absolute IRI"));
                }
                Id::Iri(iri)
            }
            Meaning::Keyword(_) | Meaning::Null if self.safe() => {
                return at.fail(Code::ReservedKeyword, format!("{text:?} looks like a keyword"));
            }
            Meaning::Keyword(_) => Id::Iri(Cow::Owned(text.to_owned())),
            Meaning::Null => Id::Null,
        })
    }
}
