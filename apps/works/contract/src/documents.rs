//! The register of documents: containers and their revisions, and who was handed what, when.
//!
//! A document's content lies where its owner keeps it, in the vault under a record for one; here stands its
//! hash. A revision stays. What was handed over counts as received when it is acknowledged, and otherwise
//! after the contract's days for it: nobody makes it later by not acknowledging it.

use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_module::{Context, Outcome, ensure, reject, storage::Place};

use crate::{
    book::{self, add, belongs, concerns, known},
    contracts::once,
    interface::IWorks::{
        Acknowledged, Container, DocumentExists, DocumentRevised, Kind, NotYours, Revision, Sheet,
        Transmitted, UnfitRevision, UnfitText, acknowledgeCall, addDocumentCall,
        reviseDocumentCall, transmitCall,
    },
    limits::{RECIPIENTS_MAX, REVISIONS_MAX, SHEETS_MAX},
    people::{acts, live, yours},
    register::{go_together, is_reason, is_revision, is_status},
    shape::{self, bytes_of, word},
    state::{
        BY, CONTAINERS, DOCUMENTS, DocumentRow, PARTIES, PROJECTS, RECEIPTS, REVISIONS, ReceiptRow,
        RevisionRow, SHEETS, SheetRow, TRANSMITTALS, TransmittalRow,
    },
};

/// Days after which what was handed over counts as received.
pub const DEEMED_DAYS: u32 = 2;

pub(super) fn add_document(ctx: &mut Context<'_>, call: addDocumentCall) -> Outcome<u64> {
    let addDocumentCall {
        project,
        container,
        first,
    } = call;
    let owner = ctx.caller();
    live(ctx, owner)?;
    known(ctx, &PROJECTS, Kind::Project, project)?;
    let id = keccak256(container.abi_encode());
    let Container {
        project: code,
        originator,
        volume,
        level,
        kind,
        role,
        number: name,
    } = container;
    for (field, what) in [
        (&code, "project"),
        (&originator, "originator"),
        (&volume, "volume"),
        (&level, "level"),
        (&kind, "type"),
        (&role, "role"),
        (&name, "number"),
    ] {
        // Fields are parted by hyphens: they have none.
        let fits = shape::is_plain(field) && !bytes_of(field).contains(&b'-');
        ensure(fits, || UnfitText { what: word(what) })?;
    }
    let place = CONTAINERS.at(&project).at(&id);
    let before = place.read(ctx)?;
    ensure(before == 0, || DocumentExists { number: before })?;
    let row = DocumentRow {
        project,
        owner,
        code,
        originator,
        volume,
        level,
        kind,
        role,
        number: name,
    };
    let number = add(ctx, &DOCUMENTS, &row)?;
    place.write(ctx, &number)?;
    belongs(ctx, Kind::Document, project, number)?;
    enter(ctx, number, project, &first)?;
    Ok(number)
}

pub(super) fn revise_document(ctx: &mut Context<'_>, call: reviseDocumentCall) -> Outcome<()> {
    let reviseDocumentCall { number, revision } = call;
    let row = known(ctx, &DOCUMENTS, Kind::Document, number)?;
    let own = acts(ctx, row.owner)?;
    yours(ctx, own, Kind::Document, number)?;
    enter(ctx, number, row.project, &revision)
}

fn enter(ctx: &mut Context<'_>, number: u64, project: u64, revision: &Revision) -> Outcome<()> {
    let (name, status) = (bytes_of(&revision.revision), bytes_of(&revision.status));
    let fits = is_revision(name) && is_status(status) && go_together(name, status);
    ensure(fits, || UnfitRevision {
        revision: revision.revision,
        status: revision.status,
    })?;
    shape::reasoned(&revision.content)?;
    let list = REVISIONS.at(&number);
    let have = list.len(ctx)?;
    shape::room(have, 1, REVISIONS_MAX)?;
    if let Some(last) = have.checked_sub(1) {
        // A revision's status may move on; the same twice says nothing.
        let last = list.get(ctx, last)?;
        let new = last.is_some_and(|last| {
            (last.revision, last.status) != (revision.revision, revision.status)
        });
        once(new, Kind::Document, number)?;
    }
    let by = ctx.caller();
    let row = RevisionRow {
        revision: revision.revision,
        status: revision.status,
        content: revision.content,
        record: revision.record,
        by,
        at: ctx.now(),
    };
    list.push(ctx, &row)?;
    ctx.emit(DocumentRevised {
        number,
        project,
        by,
        revision: revision.revision,
        status: revision.status,
        content: revision.content,
    })
}

pub(super) fn transmit(ctx: &mut Context<'_>, call: transmitCall) -> Outcome<u64> {
    let transmitCall {
        project,
        reason,
        sheets,
        recipients,
    } = call;
    let by = ctx.caller();
    live(ctx, by)?;
    known(ctx, &PROJECTS, Kind::Project, project)?;
    ensure(is_reason(bytes_of(&reason)), || UnfitText {
        what: word("reason"),
    })?;
    shape::some(sheets.len(), SHEETS_MAX)?;
    shape::some(recipients.len(), RECIPIENTS_MAX)?;
    announce(ctx, &sheets, &recipients)?;
    let row = TransmittalRow {
        project,
        at: ctx.now(),
        by,
        reason,
    };
    let number = add(ctx, &TRANSMITTALS, &row)?;
    let mut rows = Vec::new();
    for Sheet { document, revision } in sheets {
        let found = known(ctx, &DOCUMENTS, Kind::Document, document)?;
        let revisions = REVISIONS.at(&document).len(ctx)?;
        let fits = found.project == project && (1..=revisions).contains(&revision);
        shape::figure(fits, "revision", U256::from(revision))?;
        rows.push(SheetRow { document, revision });
    }
    book::extend(ctx, &SHEETS.at(&number), &rows)?;
    let mut told: Vec<ReceiptRow> = Vec::new();
    for recipient in recipients {
        live(ctx, recipient)?;
        let twice = told.iter().any(|told| told.recipient == recipient);
        once(!twice && recipient != by, Kind::Transmittal, number)?;
        told.push(ReceiptRow {
            recipient,
            acknowledged_at: 0,
        });
        concerns(ctx, Kind::Transmittal, recipient, number)?;
    }
    book::extend(ctx, &RECEIPTS.at(&number), &told)?;
    belongs(ctx, Kind::Transmittal, project, number)?;
    concerns(ctx, Kind::Transmittal, by, number)?;
    ctx.emit(Transmitted {
        number,
        project,
        by,
        reason,
    })?;
    Ok(number)
}

/// Announces what a transmittal looks at, in two goes: what there is, and where its lists go on.
fn announce(ctx: &mut Context<'_>, sheets: &[Sheet], recipients: &[Address]) -> Outcome<()> {
    let told = |who: &Address| BY.at(&(Kind::Transmittal as u8)).at(who);
    let named = |sheet: &Sheet| DOCUMENTS.place(sheet.document.saturating_sub(1));
    let documents: Vec<_> = sheets.iter().map(named).collect();
    let revisions: Vec<_> = sheets
        .iter()
        .map(|sheet| REVISIONS.at(&sheet.document))
        .collect();
    let parties: Vec<_> = recipients.iter().map(|who| PARTIES.at(who)).collect();
    let lists: Vec<_> = recipients.iter().map(told).collect();
    let mut places: Vec<&dyn Place> = vec![&DOCUMENTS];
    places.extend(documents.iter().map(|place| place as &dyn Place));
    places.extend(revisions.iter().map(|place| place as &dyn Place));
    places.extend(parties.iter().map(|place| place as &dyn Place));
    places.extend(lists.iter().map(|place| place as &dyn Place));
    ctx.fetch(&places)?;
    let mut upcoming = Vec::new();
    for list in &lists {
        upcoming.push(list.upcoming(ctx, 1)?);
    }
    let places: Vec<&dyn Place> = upcoming.iter().map(|place| place as _).collect();
    ctx.fetch(&places)
}

pub(super) fn acknowledge(ctx: &mut Context<'_>, call: acknowledgeCall) -> Outcome<()> {
    let number = call.number;
    known(ctx, &TRANSMITTALS, Kind::Transmittal, number)?;
    let list = RECEIPTS.at(&number);
    let max = u64::try_from(RECIPIENTS_MAX).unwrap_or(u64::MAX);
    let all = book::all(ctx, &list, max)?;
    let caller = ctx.caller();
    let own = all.iter().any(|row| row.recipient == caller);
    for (index, row) in (0u64..).zip(all) {
        let is_theirs = if own {
            row.recipient == caller
        } else {
            acts(ctx, row.recipient)?
        };
        if !is_theirs {
            continue;
        }
        once(row.acknowledged_at == 0, Kind::Transmittal, number)?;
        let recipient = row.recipient;
        let row = ReceiptRow {
            acknowledged_at: ctx.now(),
            ..row
        };
        list.replace(ctx, index, &row)?;
        return ctx.emit(Acknowledged { number, recipient });
    }
    let what = Kind::Transmittal;
    reject(NotYours {
        what,
        number,
        caller,
    })
}
