//! What always holds of `records`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Findings, Outcome};
use commonhold_primitives::system::DEVICES;

use super::{
    access::{is_kind, permits},
    erasure,
    interface::IRecords::{Access, Action},
    state::{BY_OWNER, GRANTEES, GRANTS, IDS, LOG, OPENINGS, RECORDS, Record},
};

/// Every id in the list is a record; chains of supersession agree in both directions and stay with
/// one owner; owners' lists hold each record once; the log tells the state of every access list.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut owned: BTreeMap<Address, u64> = BTreeMap::new();
    for number in 0..IDS.len(ctx)? {
        let Some(id) = IDS.get(ctx, number)? else {
            continue;
        };
        let record = RECORDS.at(&id).read(ctx)?;
        let place = owned.entry(record.owner).or_default();
        let listed = BY_OWNER.at(&record.owner).get(ctx, *place)?;
        *place = place.saturating_add(1);
        let mut check =
            |holds: bool, what: &str| findings.check(holds, || format!("records: {id} {what}"));
        check(!record.owner.is_zero(), "has no owner");
        check(
            listed == Some(id),
            "is not where it should be in its owner's list",
        );
        check(is_kind(record.kind.as_str()), "has an unfit kind");
        check(!record.content_hash.is_zero(), "has no content");
        check(
            record.stream.is_zero()
                || (record.policy == DEVICES && !record.sealed_key_hash.is_zero()),
            "is in a stream, but not sealed or not under its shares",
        );
        chain(ctx, &mut check, id, &record)?;
        access_list(ctx, &mut check, id, &record)?;
    }
    openings(ctx, findings)?;
    erasure::check(ctx, findings)?;
    for (owner, count) in owned {
        let listed = BY_OWNER.at(&owner).len(ctx)?;
        findings.check(listed == count, || {
            format!("records: {owner} lists {listed} of {count}")
        });
    }
    Ok(())
}

/// Requests are in order, of known records, and each stands in its record's log with its outcome.
fn openings(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut time = 0;
    for number in 0..OPENINGS.len(ctx)? {
        let Some(opening) = OPENINGS.get(ctx, number)? else {
            continue;
        };
        let record = RECORDS.at(&opening.id).read(ctx)?;
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("records: opening {number} {what}"));
        };
        check(!record.owner.is_zero(), "is of an unknown record");
        check(opening.time >= time, "is out of order");
        time = opening.time;
        let permitted = Access::try_from(opening.access).is_ok_and(permits);
        check(
            !permitted || !record.sealed_key_hash.is_zero(),
            "permits what is not sealed",
        );
        check(
            opening.by == opening.reader || opening.by == record.policy,
            "was asked for by a stranger",
        );
        let wanted = if permitted {
            Action::Permitted
        } else {
            Action::Refused
        };
        let log = LOG.at(&opening.id);
        let mut told = false;
        for line in 0..log.len(ctx)? {
            told |= log.get(ctx, line)?.is_some_and(|entry| {
                entry.action == wanted as u8
                    && entry.subject == opening.reader
                    && entry.detail == B256::from(U256::from(number))
            });
        }
        check(told, "is not in its record's log");
    }
    Ok(())
}

fn chain(
    ctx: &mut Context<'_>,
    check: &mut impl FnMut(bool, &str),
    id: B256,
    record: &Record,
) -> Outcome<()> {
    if !record.supersedes.is_zero() {
        let old = RECORDS.at(&record.supersedes).read(ctx)?;
        check(
            old.superseded_by == id,
            "supersedes a record that does not say so",
        );
        check(
            old.owner == record.owner,
            "supersedes another owner's record",
        );
        check(
            old.registered_at <= record.registered_at,
            "supersedes a younger record",
        );
    }
    if !record.superseded_by.is_zero() {
        let new = RECORDS.at(&record.superseded_by).read(ctx)?;
        check(
            new.supersedes == id,
            "is superseded by a record that does not say so",
        );
    }
    Ok(())
}

fn access_list(
    ctx: &mut Context<'_>,
    check: &mut impl FnMut(bool, &str),
    id: B256,
    record: &Record,
) -> Outcome<()> {
    // What the log tells: whether each grantee's entry is revoked, its packet, how often it was used.
    let mut told: BTreeMap<Address, (bool, B256, u32)> = BTreeMap::new();
    let log = LOG.at(&id);
    let mut time = record.registered_at;
    for number in 0..log.len(ctx)? {
        let Some(entry) = log.get(ctx, number)? else {
            continue;
        };
        check(entry.time >= time, "has a log out of order");
        time = entry.time;
        match Action::try_from(entry.action) {
            Ok(Action::Granted) => {
                told.insert(entry.subject, (false, entry.detail, 0));
            }
            Ok(Action::Revoked) => {
                let revoked = told
                    .get_mut(&entry.subject)
                    .map(|(revoked, ..)| *revoked = true);
                check(revoked.is_some(), "has a revocation before its grant");
            }
            Ok(Action::Superseded) => {
                check(
                    entry.detail == record.superseded_by,
                    "was superseded by another",
                );
            }
            Ok(Action::Permitted) => {
                if let Some((_, _, used)) = told.get_mut(&entry.subject) {
                    *used = used.saturating_add(1);
                }
            }
            Ok(Action::Opened | Action::Refused | Action::Erased) => {}
            Ok(Action::__Invalid) | Err(_) => check(false, "has a log entry without meaning"),
        }
    }
    let grantees = GRANTEES.at(&id);
    let mut listed: u64 = 0;
    for number in 0..grantees.len(ctx)? {
        let Some(grantee) = grantees.get(ctx, number)? else {
            continue;
        };
        listed = listed.saturating_add(1);
        let grant = GRANTS.at(&id).at(&grantee).read(ctx)?;
        check(grant.given, "lists a grantee without an entry");
        check(
            grant.until == 0 || grant.not_before < grant.until,
            "has an empty window",
        );
        check(grantee != record.owner, "lists its owner");
        check(
            grant.uses == 0 || grant.used <= grant.uses,
            "was opened more often than an entry allows",
        );
        check(
            told.get(&grantee) == Some(&(grant.revoked, grant.header_hash, grant.used)),
            "has an entry that its log does not tell",
        );
    }
    check(
        told.len() == usize::try_from(listed).unwrap_or(usize::MAX),
        "lists a grantee twice",
    );
    Ok(())
}
