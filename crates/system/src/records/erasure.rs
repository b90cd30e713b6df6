//! Erasure on the owner's word: what is final here no member may hand out or keep any longer.
//!
//! [`erase`] is irreversible. From then on the record answers everybody, its owner too, with
//! `Access::Erased`, and every live member deletes what it keeps of it ([`ERASURES`] is the list that
//! members work off, also one that was away or came back from an old copy of its disk):
//!
//! - the record's sealed key, where the eraser was the first to register that sealed key and it is not
//!   that of a stream's day, which the other records of the day need;
//! - the body, all its packets and all its sealed keys, where the eraser was the first to register that
//!   content.
//!
//! A hash on the ledger proves nothing, anybody can register it once more; so who registered a name
//! first, a content's hash or a sealed key's, is written down at registration, and only they erase what
//! has that name. An erased name can never be registered again, and every other record of erased
//! content is erased with it: nobody has it any more.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Findings, Outcome, ensure, storage::Place};

use super::{
    contract::{known, note},
    interface::IRecords::{
        Action, AlreadyErased, Erased, Erasure as ErasureView, NameErased, NotOwner, RecordErased,
        eraseCall, erasuresCall, erasuresReturn, isErasedCall, registrantCall, registrantReturn,
    },
    state::{ERASED, ERASURES, Erasure, LOG, NAMES, Name, RECORDS, Record},
};

pub(super) fn erase(ctx: &mut Context<'_>, call: eraseCall) -> Outcome<()> {
    let (id, caller) = (call.id, ctx.caller());
    ctx.fetch(&[&RECORDS.at(&id), &ERASED.at(&id), &ERASURES, &LOG.at(&id)])?;
    let record = known(ctx, id)?;
    ensure(record.owner == caller, || NotOwner { id, caller })?;
    ensure(!ERASED.at(&id).read(ctx)?, || AlreadyErased { id })?;

    let content = erase_name(ctx, record.content_hash, caller)?;
    let sealed_key = record.stream.is_zero() && erase_name(ctx, record.sealed_key_hash, caller)?;
    ERASED.at(&id).write(ctx, &true)?;
    let block = ctx.block();
    let erasure = Erasure {
        id,
        time: block.timestamp,
        block_number: block.number,
        content,
        sealed_key,
    };
    ERASURES.push(ctx, &erasure)?;
    let view = show(&erasure, &record);
    note(ctx, id, Action::Erased, Address::ZERO, view.contentHash)?;
    ctx.emit(Erased {
        id,
        owner: caller,
        contentHash: record.content_hash,
        content,
        sealedKeyHash: view.sealedKeyHash,
    })
}

/// Writes down who registers content and sealed key, where nobody did before. What was erased is not
/// registered again.
pub(super) fn claim(
    ctx: &mut Context<'_>,
    who: Address,
    content: B256,
    sealed_key: B256,
) -> Outcome<()> {
    for name in [content, sealed_key] {
        if name.is_zero() {
            continue;
        }
        let place = NAMES.at(&name);
        let known = place.read(ctx)?;
        ensure(!known.erased, || NameErased { name })?;
        if known.first.is_zero() {
            let erased = false;
            place.write(ctx, &Name { first: who, erased })?;
        }
    }
    Ok(())
}

/// Whether a record or its content was erased.
pub(super) fn is_gone(ctx: &mut Context<'_>, id: B256, record: &Record) -> Outcome<bool> {
    let (own, name) = (ERASED.at(&id), NAMES.at(&record.content_hash));
    ctx.fetch(&[&own as &dyn Place, &name])?;
    Ok(own.read(ctx)? || name.read(ctx)?.erased)
}

/// Refuses to go on with a record that was erased.
pub(super) fn ensure_there(ctx: &mut Context<'_>, id: B256, record: &Record) -> Outcome<()> {
    let gone = is_gone(ctx, id, record)?;
    ensure(!gone, || RecordErased { id })
}

pub(super) fn is_erased(ctx: &mut Context<'_>, call: isErasedCall) -> Outcome<bool> {
    let record = RECORDS.at(&call.id).read(ctx)?;
    Ok(!record.owner.is_zero() && is_gone(ctx, call.id, &record)?)
}

pub(super) fn registrant(ctx: &mut Context<'_>, call: registrantCall) -> Outcome<registrantReturn> {
    let Name { first, erased } = NAMES.at(&call.name).read(ctx)?;
    Ok(registrantReturn { first, erased })
}

pub(super) fn erasures(ctx: &mut Context<'_>, call: erasuresCall) -> Outcome<erasuresReturn> {
    let total = ERASURES.len(ctx)?;
    let found = ERASURES.page(ctx, call.from, call.max)?;
    let places: Vec<_> = found.iter().map(|found| RECORDS.at(&found.id)).collect();
    let places: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&places)?;
    let mut page = Vec::new();
    for erasure in found {
        let record = RECORDS.at(&erasure.id).read(ctx)?;
        page.push(show(&erasure, &record));
    }
    Ok(erasuresReturn { page, total })
}

/// Every erasure is of a record that is marked, once, and that its log tells of; what it took with it
/// is erased under its name.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut time = 0;
    for number in 0..ERASURES.len(ctx)? {
        let Some(erasure) = ERASURES.get(ctx, number)? else {
            continue;
        };
        let record = RECORDS.at(&erasure.id).read(ctx)?;
        let marked = ERASED.at(&erasure.id).read(ctx)?;
        let content = NAMES.at(&record.content_hash).read(ctx)?;
        let sealed_key = NAMES.at(&record.sealed_key_hash).read(ctx)?;
        let log = LOG.at(&erasure.id);
        let mut told = 0u64;
        for line in 0..log.len(ctx)? {
            let entry = log.get(ctx, line)?;
            let erased = entry.is_some_and(|entry| entry.action == Action::Erased as u8);
            told = told.saturating_add(u64::from(erased));
        }
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("records: erasure {number} {what}"));
        };
        check(!record.owner.is_zero(), "is of an unknown record");
        check(marked, "is not marked");
        check(told == 1, "is not once in its record's log");
        check(erasure.time >= time, "is out of order");
        time = erasure.time;
        check(
            erasure.content == (content.erased && content.first == record.owner),
            "took content that is another's, or left its owner's",
        );
        check(
            !erasure.sealed_key || (sealed_key.erased && sealed_key.first == record.owner),
            "took a sealed key that is another's",
        );
    }
    Ok(())
}

/// Erases a name for whom registered it first; tells whether that is `who`.
fn erase_name(ctx: &mut Context<'_>, name: B256, who: Address) -> Outcome<bool> {
    if name.is_zero() {
        return Ok(false);
    }
    let place = NAMES.at(&name);
    let known = place.read(ctx)?;
    if known.first != who {
        return Ok(false);
    }
    if !known.erased {
        let (first, erased) = (who, true);
        place.write(ctx, &Name { first, erased })?;
    }
    Ok(true)
}

fn show(erasure: &Erasure, record: &Record) -> ErasureView {
    let some = |held: bool, name: B256| if held { name } else { B256::ZERO };
    ErasureView {
        id: erasure.id,
        time: erasure.time,
        blockNumber: erasure.block_number,
        contentHash: some(erasure.content, record.content_hash),
        bodyHash: record.content_hash,
        sealedKeyHash: some(erasure.sealed_key, record.sealed_key_hash),
    }
}
