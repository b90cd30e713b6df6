//! Whom a rule is for: accounts, roles and studies by our identifiers, others by what who imports says.

use alloy_primitives::{Address, B256, U256};
use commonhold_health_contract::interface::IHealth::{Recipient, Terms};
use commonhold_sdk::roles;

use super::{
    Consent,
    at::{At, Read},
};
use crate::{
    json::Node,
    out::terms::{self, PARTICIPATION},
};

impl Consent<'_, '_, '_> {
    /// The terms for each of a rule's actors.
    pub(super) fn for_each_actor(&self, rule: &At<'_, '_>, terms: &Terms) -> Read<Vec<Terms>> {
        let actors = rule.list("actor")?;
        if actors.is_empty() {
            return Ok(vec![terms.clone()]);
        }
        let one = |actor: &At<'_, '_>| {
            let (kind, recipient) = self.actor(actor)?;
            let grants = rule.str("type") != Some("deny");
            let keyless = || !(self.beside.has_key)(Address::from_word(recipient));
            if grants && kind == Recipient::Account && keyless() {
                let why = "has no key on the ledger, so that nothing can be opened to them: they register \
                           first";
                return actor.at("reference").refuse(why);
            }
            Ok(Terms {
                kind,
                recipient,
                ..terms.clone()
            })
        };
        actors.iter().map(one).collect()
    }

    fn actor(&self, actor: &At<'_, '_>) -> Read<(Recipient, B256)> {
        actor.only(&["id", "role", "reference"])?;
        let codings = actor
            .node
            .at(&["role", "coding"])
            .map_or(&[][..], Node::elements);
        let receives = |coding: &Node<'_>| {
            coding.str("system") == Some(PARTICIPATION)
                && matches!(coding.str("code"), Some("IRCP" | "PRCP"))
        };
        if codings.is_empty() || !codings.iter().all(receives) {
            let why = "is no recipient of information (IRCP, PRCP): the law asks who receives, and nothing \
                       else of them";
            return actor.at("role").refuse(why);
        }
        let Some(reference) = actor.get("reference") else {
            return actor.at("reference").refuse("does not say who");
        };
        let unknown = "names somebody whom the ledger does not know by this name: say with --actor \
                       REFERENCE=WHOM who it is";
        match self.identifier(&reference)? {
            Some(("account", value)) => match value.parse::<Address>() {
                Ok(who) if !who.is_zero() => Ok((Recipient::Account, who.into_word())),
                _ => reference.refuse("is no account"),
            },
            Some(("role", name)) => match roles::role(name) {
                Ok(role) => Ok((Recipient::Role, role)),
                Err(_) => reference.refuse("is no role"),
            },
            Some(("study", number)) => match number.parse::<u64>() {
                Ok(number) if number != 0 => Ok((Recipient::Study, U256::from(number).into())),
                _ => reference.refuse("is no number of a study"),
            },
            Some(_) => reference.refuse(unknown),
            None => {
                let named = reference.str("reference").or_else(|| {
                    reference
                        .node
                        .at(&["identifier", "value"])
                        .and_then(Node::text)
                });
                match named.and_then(|name| (self.beside.known)(name)) {
                    Some(whom) => Ok(whom),
                    None => reference.refuse(unknown),
                }
            }
        }
    }

    /// Kind and value of an identifier of ours.
    pub(super) fn identifier<'x>(
        &self,
        reference: &At<'x, '_>,
    ) -> Read<Option<(&'x str, &'x str)>> {
        let Some(identifier) = reference.node.get("identifier") else {
            return Ok(None);
        };
        let kind = identifier
            .str("system")
            .and_then(|system| system.strip_prefix(terms::BASE));
        match (
            kind.and_then(|kind| kind.strip_prefix('/')),
            identifier.str("value"),
        ) {
            (Some(kind), Some(value)) => Ok(Some((kind, value))),
            (Some(_), None) => reference.refuse("has no value"),
            (None, _) => Ok(None),
        }
    }
}
