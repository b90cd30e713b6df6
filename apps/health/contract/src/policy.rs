//! Consents as they are stored: permits, each with the exceptions after it, and their uses.

use alloy_primitives::Address;
use commonhold_module::{Context, Fault, List, Outcome, storage::Place};

use crate::{
    duo::DS,
    interface::IHealth::{DataUse, Manner, Modifier, Permit, Recipient, Terms},
    limits::{EXCEPTIONS_MAX, PERMITS_MAX},
    state::{RULES, Rule, USES, Use},
};

/// Rules of one consent: permits and exceptions.
const RULES_MAX: usize = PERMITS_MAX * (EXCEPTIONS_MAX + 1);

/// Writes a version of a consent.
pub(super) fn store(
    ctx: &mut Context<'_>,
    subject: Address,
    version: u64,
    permits: &[Permit],
) -> Outcome<()> {
    let rules = RULES.at(&subject).at(&version);
    let uses = USES.at(&subject).at(&version);
    announce(ctx, permits, &rules, &uses)?;
    let mut number = 0u8;
    for permit in permits {
        let mine = number;
        let row = Rule {
            manner: permit.manner as u8,
            veto_seconds: permit.vetoSeconds,
            permission: permit.dataUse.permission,
            ..rule(&permit.terms)
        };
        rules.push(ctx, &row)?;
        number = number.saturating_add(1);
        for exception in &permit.exceptions {
            let row = Rule {
                exception: true,
                ..rule(exception)
            };
            rules.push(ctx, &row)?;
            number = number.saturating_add(1);
        }
        for disease in &permit.dataUse.diseases {
            let row = Use {
                rule: mine,
                code: DS,
                disease: *disease,
                ..Use::default()
            };
            uses.push(ctx, &row)?;
        }
        for modifier in &permit.dataUse.modifiers {
            let row = Use {
                rule: mine,
                code: modifier.code,
                disease: 0,
                time: modifier.time,
                value: modifier.value,
            };
            uses.push(ctx, &row)?;
        }
    }
    Ok(())
}

/// Says what writing permits will touch.
fn announce(
    ctx: &mut Context<'_>,
    permits: &[Permit],
    rules: &List<Rule>,
    uses: &List<Use>,
) -> Outcome<()> {
    let count = |of: fn(&Permit) -> usize| {
        let all = permits.iter().map(of).fold(0usize, usize::saturating_add);
        u64::try_from(all).unwrap_or(u64::MAX)
    };
    let rows = count(|permit| permit.exceptions.len().saturating_add(1));
    let terms = count(|permit| {
        let data_use = &permit.dataUse;
        data_use
            .diseases
            .len()
            .saturating_add(data_use.modifiers.len())
    });
    ctx.fetch(&[rules as &dyn Place, uses])?;
    let (rules, uses) = (rules.upcoming(ctx, rows)?, uses.upcoming(ctx, terms)?);
    ctx.fetch(&[&rules as &dyn Place, &uses])
}

/// Reads a version of a consent.
pub(super) fn load(ctx: &mut Context<'_>, subject: Address, version: u64) -> Outcome<Vec<Permit>> {
    let rules = all(ctx, subject, version)?;
    let uses = USES.at(&subject).at(&version);
    let count = uses.len(ctx)?;
    let mut rows = Vec::new();
    let mut from = 0u64;
    while from < count {
        let page = uses.page(ctx, from, count)?;
        from = from.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        rows.extend(page);
    }
    let mut permits: Vec<Permit> = Vec::new();
    for (number, rule) in (0u8..).zip(&rules) {
        let terms = terms(rule)?;
        if rule.exception {
            match permits.last_mut() {
                Some(permit) => permit.exceptions.push(terms),
                None => return Err(Fault::Fatal("an exception of no permit".to_owned())),
            }
            continue;
        }
        let mut data_use = DataUse {
            permission: rule.permission,
            diseases: Vec::new(),
            modifiers: Vec::new(),
        };
        for row in rows.iter().filter(|row| row.rule == number) {
            if row.code == DS {
                data_use.diseases.push(row.disease);
            } else {
                data_use.modifiers.push(Modifier {
                    code: row.code,
                    value: row.value,
                    time: row.time,
                });
            }
        }
        permits.push(Permit {
            terms,
            exceptions: Vec::new(),
            dataUse: data_use,
            manner: Manner::try_from(rule.manner)
                .map_err(|_| Fault::Fatal(format!("a permit of manner {}", rule.manner)))?,
            vetoSeconds: rule.veto_seconds,
        });
    }
    Ok(permits)
}

fn all(ctx: &mut Context<'_>, subject: Address, version: u64) -> Outcome<Vec<Rule>> {
    let max = u64::try_from(RULES_MAX).unwrap_or(u64::MAX);
    RULES.at(&subject).at(&version).page(ctx, 0, max)
}

fn rule(terms: &Terms) -> Rule {
    Rule {
        purposes: terms.purposes,
        classes: terms.classes,
        kind: terms.kind as u8,
        not_before: terms.notBefore,
        until: terms.until,
        recipient: terms.recipient,
        ..Rule::default()
    }
}

fn terms(rule: &Rule) -> Outcome<Terms> {
    Ok(Terms {
        purposes: rule.purposes,
        classes: rule.classes,
        kind: Recipient::try_from(rule.kind)
            .map_err(|_| Fault::Fatal(format!("a rule for {}", rule.kind)))?,
        recipient: rule.recipient,
        notBefore: rule.not_before,
        until: rule.until,
    })
}
