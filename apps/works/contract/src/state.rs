//! What `works` stores, and where.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{List, Map, Text, record, storage};

use crate::limits::TITLE_BYTES_MAX;

/// The title of a project or package.
pub(super) type Title = Text<TITLE_BYTES_MAX>;

record! {
    /// A party.
    pub(super) struct PartyRow {
        /// Its beneficial owner; zero: it is no party.
        pub(super) group: B256,
        /// Hash of its credentials.
        pub(super) credentials: B256,
        /// Until just before when they hold.
        pub(super) until: u64,
        /// When it was admitted.
        pub(super) enrolled_at: u64,
        /// Whether it was a member's account then.
        pub(super) member: bool,
    }

    /// A project.
    pub(super) struct ProjectRow {
        /// Whose.
        pub(super) owner: Address,
        /// When it was opened.
        pub(super) opened_at: u64,
        /// What it is called.
        pub(super) title: Title,
    }

    /// A package.
    pub(super) struct PackageRow {
        /// Its project.
        pub(super) project: u64,
        /// Its newest tender.
        pub(super) tender: u64,
        /// Its contract that binds.
        pub(super) contract: u64,
        /// What it is called.
        pub(super) title: Title,
    }

    /// A tender.
    pub(super) struct TenderRow {
        /// Its package.
        pub(super) package: u64,
        /// When it was opened.
        pub(super) opened_at: u64,
        /// The last second that takes bids.
        pub(super) deadline: u64,
        /// Until just before when bids are laid open.
        pub(super) opening_until: u64,
        /// Hash of its documents.
        pub(super) documents: B256,
        /// To whom it went.
        pub(super) awarded: Address,
        /// Bids that were laid open.
        pub(super) opened: u64,
        /// Why it went there.
        pub(super) reason: B256,
    }

    /// A bid.
    pub(super) struct BidRow {
        /// Whose.
        pub(super) bidder: Address,
        /// When.
        pub(super) made_at: u64,
        /// Whether it was laid open.
        pub(super) opened: bool,
        /// What binds.
        pub(super) commitment: B256,
        /// keccak-256 of the sealed bid.
        pub(super) sealed_hash: B256,
        /// SHA-256 of the bid.
        pub(super) content: B256,
    }

    /// A contract.
    pub(super) struct ContractRow {
        /// Who pays.
        pub(super) owner: Address,
        /// The interface's `ContractState`.
        pub(super) state: u8,
        /// Milestones that are certified.
        pub(super) certified: u16,
        /// Its package.
        pub(super) package: u64,
        /// Who builds.
        pub(super) contractor: Address,
        /// Open defects.
        pub(super) open_defects: u32,
        /// Its tender; zero: none.
        pub(super) tender: u64,
        /// Who certifies.
        pub(super) certifier: Address,
        /// Days by which what is due moves.
        pub(super) extension_days: u32,
        /// When it was offered.
        pub(super) formed_at: u64,
        /// When it was accepted.
        pub(super) accepted_at: u64,
        /// When it was complete.
        pub(super) completed_at: u64,
        /// When payment was applied for; zero: nothing waits.
        pub(super) applied_at: u64,
        /// keccak-256 of what was applied for.
        pub(super) applied: B256,
        /// The contract sum.
        pub(super) sum: u64,
        /// What variations add.
        pub(super) added: u64,
        /// What they leave out.
        pub(super) omitted: u64,
        /// Certificates that are paid.
        pub(super) paid: u64,
        /// What was paid.
        pub(super) paid_minor: u64,
        /// Hash of the documents.
        pub(super) documents: B256,
        /// Its ruleset.
        pub(super) ruleset: B256,
        /// Its escrow.
        pub(super) escrow: B256,
    }

    /// A line of a bill.
    pub(super) struct LineRow {
        /// Thousandths.
        pub(super) quantity: u64,
        /// Minor units.
        pub(super) rate: u64,
        /// Its milestone.
        pub(super) milestone: u16,
        /// Permille certified.
        pub(super) done: u16,
    }

    /// A milestone.
    pub(super) struct MilestoneRow {
        /// What it is called.
        pub(super) title: B256,
        /// When it is due, without extensions.
        pub(super) due_at: u64,
        /// Days planned.
        pub(super) planned_days: u32,
        /// Whether measurements certify it.
        pub(super) tested: bool,
        /// Who signs.
        pub(super) signers: u8,
        /// Who signed.
        pub(super) signed: u8,
        /// The interface's `MilestoneState`.
        pub(super) state: u8,
        /// Who objected.
        pub(super) objector: u8,
        /// Work orders.
        pub(super) orders: u32,
        /// Of these, accepted.
        pub(super) accepted: u32,
        /// Open defects of category 1.
        pub(super) grave: u32,
        /// When it was claimed.
        pub(super) claimed_at: u64,
        /// When it was certified.
        pub(super) certified_at: u64,
        /// Why somebody objected or refused.
        pub(super) reason: B256,
    }

    /// A share of what a contractor is paid.
    pub(super) struct ShareRow {
        /// Whose.
        pub(super) subcontractor: Address,
        /// Permille.
        pub(super) permille: u16,
        /// Whether they agreed.
        pub(super) agreed: bool,
    }

    /// A work order.
    pub(super) struct OrderRow {
        /// Its contract.
        pub(super) contract: u64,
        /// Its milestone.
        pub(super) milestone: u16,
        /// Fibres.
        pub(super) fibres: u32,
        /// Of these, accepted.
        pub(super) accepted: u32,
        /// Of these, at the first try.
        pub(super) first: u32,
        /// When it was issued.
        pub(super) issued_at: u64,
        /// When it was done.
        pub(super) done_at: u64,
        /// By whom it was issued.
        pub(super) issuer: Address,
        /// What its nonces are made of.
        pub(super) seed: B256,
    }

    /// A fibre of an order.
    pub(super) struct FibreRow {
        /// Its place in the order, from 1; zero: it is not of the order.
        pub(super) place: u16,
        /// How often it was rejected.
        pub(super) attempt: u32,
        /// The interface's `Verdict`.
        pub(super) verdict: u8,
        /// Files that are there.
        pub(super) files: u16,
        /// Whether something of it was no evidence, or was rejected.
        pub(super) spoiled: bool,
        /// When it was judged.
        pub(super) judged_at: u64,
    }

    /// What the rules need of a file, beside its events.
    pub(super) struct SideRow {
        /// Millimetres that the pulse covers.
        pub(super) pulse_mm: u64,
        /// mdB.
        pub(super) loss_threshold: u16,
        /// Averages.
        pub(super) averages: u32,
        /// Signs of emulation that the file has by itself.
        pub(super) signs: u8,
        /// Whether something of it is to be looked at.
        pub(super) flagged: bool,
        /// The evidence.
        pub(super) evidence: u64,
    }

    /// An event of a file's table.
    pub(super) struct EventRow {
        /// Millimetres, in two's complement.
        pub(super) at_mm: u64,
        /// mdB, in two's complement.
        pub(super) loss: u16,
        /// mdB/km, in two's complement.
        pub(super) slope: u16,
        /// mdB, in two's complement.
        pub(super) reflectance: u32,
        /// 1 it has a reflectance, 2 it is reflective, 4 it is the end.
        pub(super) marks: u8,
    }

    /// A piece of evidence.
    pub(super) struct EvidenceRow {
        /// Its order.
        pub(super) order: u64,
        /// When it came.
        pub(super) at: u64,
        /// When it was measured.
        pub(super) time: u64,
        /// Which file of the fibre.
        pub(super) slot: u8,
        /// The interface's weight.
        pub(super) weight: u8,
        /// Findings.
        pub(super) findings: u32,
        /// Who brought it.
        pub(super) by: Address,
        /// Whose samples these are.
        pub(super) original: u64,
        /// Its fibre.
        pub(super) fibre: B256,
        /// Its nonce.
        pub(super) nonce: B256,
        /// The instrument.
        pub(super) device: B256,
        /// SHA-256 of the file.
        pub(super) file: B256,
        /// SHA-256 of the samples.
        pub(super) samples: B256,
    }

    /// What an instrument said last.
    pub(super) struct LastShot {
        /// Its counter.
        pub(super) counter: u64,
        /// The time of its file.
        pub(super) time: u64,
    }

    /// A defect.
    pub(super) struct DefectRow {
        /// Its contract.
        pub(super) contract: u64,
        /// Its milestone.
        pub(super) milestone: u16,
        /// Its category.
        pub(super) category: u8,
        /// Days to mend it.
        pub(super) allowed_days: u32,
        /// When it was raised.
        pub(super) raised_at: u64,
        /// By whom.
        pub(super) raised_by: Address,
        /// When it was mended.
        pub(super) fixed_at: u64,
        /// When it was closed.
        pub(super) closed_at: u64,
        /// What it is.
        pub(super) what: B256,
        /// What was said last.
        pub(super) reason: B256,
    }

    /// An inspection.
    pub(super) struct InspectionRow {
        /// Its contract.
        pub(super) contract: u64,
        /// Its milestone.
        pub(super) milestone: u16,
        /// The interface's `Answer`.
        pub(super) passed: u8,
        /// When it was asked for.
        pub(super) asked_at: u64,
        /// When it is due.
        pub(super) due_at: u64,
        /// When it was done.
        pub(super) done_at: u64,
        /// The report.
        pub(super) report: B256,
    }

    /// A variation.
    pub(super) struct VariationRow {
        /// Its contract.
        pub(super) contract: u64,
        /// When it was proposed.
        pub(super) at: u64,
        /// Thousandths.
        pub(super) quantity: u64,
        /// Minor units.
        pub(super) rate: u64,
        /// By whom.
        pub(super) by: Address,
        /// Whether it leaves something out.
        pub(super) omits: bool,
        /// The interface's `Answer`.
        pub(super) answer: u8,
        /// Days.
        pub(super) extension_days: u32,
        /// When it was answered.
        pub(super) answered_at: u64,
        /// What it is.
        pub(super) what: B256,
        /// Why.
        pub(super) reason: B256,
    }

    /// A certificate; figures below zero in two's complement.
    pub(super) struct CertificateRow {
        /// Of the bill's lines.
        pub(super) gross_work: u64,
        /// Of the variations.
        pub(super) variations: u64,
        /// Held back.
        pub(super) retention: u64,
        /// The advance.
        pub(super) advance_paid: u64,
        /// Given back.
        pub(super) advance_recovered: u64,
        /// For delay.
        pub(super) damages: u64,
        /// What all come to.
        pub(super) net: u64,
        /// What this adds.
        pub(super) payment: u64,
        /// When it was given.
        pub(super) certified_at: u64,
        /// When the money is due.
        pub(super) due_at: u64,
        /// When it was paid.
        pub(super) paid_at: u64,
        /// Why it is not what was applied for.
        pub(super) reason: B256,
    }

    /// A document's container.
    pub(super) struct DocumentRow {
        /// Its project.
        pub(super) project: u64,
        /// Whose.
        pub(super) owner: Address,
        /// ISO 19650's project.
        pub(super) code: B256,
        /// Originator.
        pub(super) originator: B256,
        /// Volume.
        pub(super) volume: B256,
        /// Level.
        pub(super) level: B256,
        /// Type.
        pub(super) kind: B256,
        /// Role.
        pub(super) role: B256,
        /// Number.
        pub(super) number: B256,
    }

    /// A revision.
    pub(super) struct RevisionRow {
        /// Its name.
        pub(super) revision: B256,
        /// Its status.
        pub(super) status: B256,
        /// Hash of the file.
        pub(super) content: B256,
        /// The record.
        pub(super) record: B256,
        /// By whom.
        pub(super) by: Address,
        /// When.
        pub(super) at: u64,
    }

    /// A transmittal.
    pub(super) struct TransmittalRow {
        /// Its project.
        pub(super) project: u64,
        /// When.
        pub(super) at: u64,
        /// By whom.
        pub(super) by: Address,
        /// What for.
        pub(super) reason: B256,
    }

    /// A sheet of a transmittal.
    pub(super) struct SheetRow {
        /// The document.
        pub(super) document: u64,
        /// The revision.
        pub(super) revision: u64,
    }

    /// A recipient of a transmittal.
    pub(super) struct ReceiptRow {
        /// Who.
        pub(super) recipient: Address,
        /// When they acknowledged it.
        pub(super) acknowledged_at: u64,
    }

    /// A notice.
    pub(super) struct NoticeRow {
        /// Its contract.
        pub(super) contract: u64,
        /// When it was given.
        pub(super) at: u64,
        /// When who gave it knew.
        pub(super) aware: u64,
        /// The notice that it goes with.
        pub(super) about: u64,
        /// By whom.
        pub(super) from: Address,
        /// The interface's `NoticeKind`.
        pub(super) kind: u8,
        /// The interface's `Answer`.
        pub(super) answer: u8,
        /// To whom.
        pub(super) to: Address,
        /// When it was acknowledged.
        pub(super) acknowledged_at: u64,
        /// When it was answered.
        pub(super) answered_at: u64,
        /// What it says.
        pub(super) content: B256,
        /// What the answer says.
        pub(super) answer_content: B256,
    }

    /// A page of a diary.
    pub(super) struct DiaryRow {
        /// Days since 1970.
        pub(super) day: u32,
        /// People.
        pub(super) crew: u16,
        /// Machines.
        pub(super) plant: u16,
        /// Weather.
        pub(super) weather: u8,
        /// By whom.
        pub(super) by: Address,
        /// When.
        pub(super) at: u64,
        /// What it says.
        pub(super) content: B256,
    }

    /// A fact.
    pub(super) struct FactRow {
        /// With whom.
        pub(super) counterparty: Address,
        /// The interface's `Part`.
        pub(super) part: u8,
        /// The dimension.
        pub(super) dimension: u8,
        /// Basis points.
        pub(super) outcome: u16,
        /// How it is known.
        pub(super) verification: u8,
        /// The interface's `FactState`.
        pub(super) state: u8,
        /// Which of the subject's counterparties' groups.
        pub(super) group: u16,
        /// The interface's `Kind` of what it comes of.
        pub(super) source: u8,
        /// Minor units.
        pub(super) value: u64,
        /// When.
        pub(super) time: u64,
        /// What it comes of.
        pub(super) item: u64,
    }

    /// What the final facts of one part, dimension, group and epoch come to.
    pub(super) struct BucketRow {
        /// The interface's `Part`.
        pub(super) part: u8,
        /// The dimension.
        pub(super) dimension: u8,
        /// The group.
        pub(super) group: u16,
        /// The epoch.
        pub(super) epoch: u32,
        /// The sum of the weights.
        pub(super) weight: u64,
        /// The sum of weights times outcomes.
        pub(super) outcome: u128,
    }

    /// What a group's word counts.
    pub(super) struct TrustRow {
        /// In which epoch it was settled last.
        pub(super) epoch: u64,
        /// Permille, from the epoch after on.
        pub(super) credibility: u32,
        /// Permille until then.
        pub(super) before: u32,
        /// Whether a member is of the group: whole, always.
        pub(super) whole: bool,
    }

    /// An appeal.
    pub(super) struct AppealRow {
        /// About whom.
        pub(super) subject: Address,
        /// The interface's `FactState` that it led to.
        pub(super) state: u8,
        /// Votes to uphold.
        pub(super) uphold: u8,
        /// Votes to overturn.
        pub(super) overturn: u8,
        /// Votes to amend to `outcome`.
        pub(super) amend: u8,
        /// The outcome that was proposed first.
        pub(super) outcome: u16,
        /// Which fact.
        pub(super) fact: u64,
        /// When.
        pub(super) at: u64,
        /// When it was decided.
        pub(super) decided_at: u64,
        /// The grounds.
        pub(super) grounds: B256,
    }

    /// That evidence was forged.
    pub(super) struct ForgeryRow {
        /// Members that say so.
        pub(super) votes: u8,
        /// When the second did.
        pub(super) time: u64,
    }
}

/// Words of 32 bytes.
pub(super) type Words = List<U256>;

storage! {
    /// Parties by account.
    PARTIES: Map<Address, PartyRow> = 0;
    /// Projects.
    PROJECTS: List<ProjectRow> = 1;
    /// Packages.
    PACKAGES: List<PackageRow> = 3;
    /// Tenders.
    TENDERS: List<TenderRow> = 5;
    /// Bids of a tender.
    BIDS: Map<u64, List<BidRow>> = 7;
    /// Whose bid of a tender is which, from 1.
    BID_OF: Map<u64, Map<Address, u64>> = 8;
    /// Rulesets, ABI encoded.
    RULESETS: Map<B256, Words> = 9;
    /// Contracts.
    CONTRACTS: List<ContractRow> = 10;
    /// Their terms, ABI encoded.
    TERMS: Map<u64, Words> = 12;
    /// Their bills.
    LINES: Map<u64, List<LineRow>> = 13;
    /// Their milestones.
    MILESTONES: Map<u64, List<MilestoneRow>> = 14;
    /// Their subcontractors.
    SHARES: Map<u64, List<ShareRow>> = 15;
    /// Work orders.
    ORDERS: List<OrderRow> = 16;
    /// What they ask for, ABI encoded.
    DESIGNS: Map<u64, Words> = 18;
    /// Fibres of an order.
    FIBRES: Map<u64, Map<B256, FibreRow>> = 19;
    /// Files by nonce and slot.
    SIDES: Map<B256, Map<u8, SideRow>> = 20;
    /// Their events.
    EVENTS: Map<B256, Map<u8, List<EventRow>>> = 21;
    /// Evidence.
    EVIDENCE: List<EvidenceRow> = 22;
    /// The evidence that brought samples first.
    SAMPLES: Map<B256, u64> = 24;
    /// What instruments said last.
    SHOTS: Map<B256, LastShot> = 25;
    /// Defects.
    DEFECTS: List<DefectRow> = 26;
    /// Inspections.
    INSPECTIONS: List<InspectionRow> = 28;
    /// Variations.
    VARIATIONS: List<VariationRow> = 30;
    /// Certificates of a contract.
    CERTIFICATES: Map<u64, List<CertificateRow>> = 32;
    /// Documents.
    DOCUMENTS: List<DocumentRow> = 33;
    /// Which document a project's container is.
    CONTAINERS: Map<u64, Map<B256, u64>> = 35;
    /// Their revisions.
    REVISIONS: Map<u64, List<RevisionRow>> = 36;
    /// Transmittals.
    TRANSMITTALS: List<TransmittalRow> = 37;
    /// What they hand over.
    SHEETS: Map<u64, List<SheetRow>> = 39;
    /// To whom.
    RECEIPTS: Map<u64, List<ReceiptRow>> = 40;
    /// Notices.
    NOTICES: List<NoticeRow> = 41;
    /// Diaries of contracts.
    DIARIES: Map<u64, List<DiaryRow>> = 43;
    /// Facts about somebody.
    FACTS: Map<Address, List<FactRow>> = 44;
    /// Groups of their counterparties.
    GROUPS: Map<Address, List<B256>> = 45;
    /// Which of them a group is, from 1.
    GROUP_OF: Map<Address, Map<B256, u64>> = 46;
    /// Their sums.
    BUCKETS: Map<Address, List<BucketRow>> = 47;
    /// Which of them, from 1, by part, dimension, group and epoch.
    BUCKET_OF: Map<Address, Map<u64, u64>> = 48;
    /// How many of their facts are summed.
    SUMMED: Map<Address, u64> = 49;
    /// What groups' words count.
    TRUST: Map<B256, TrustRow> = 50;
    /// Appeals.
    APPEALS: List<AppealRow> = 51;
    /// Appeals of somebody that are open; zero: a place that is free again.
    APPEALS_OPEN: Map<Address, List<u64>> = 53;
    /// Who voted on an appeal.
    VOTED: Map<u64, Map<u64, bool>> = 54;
    /// What members say of evidence.
    FORGERIES: Map<u64, ForgeryRow> = 55;
    /// Which of them did.
    FORGERY_VOTED: Map<u64, Map<u64, bool>> = 56;
    /// Evidence of somebody that is forged.
    FORGED: Map<Address, List<u64>> = 57;
    /// Numbers of things that belong to something, by kind.
    OF: Map<u8, Map<u64, List<u64>>> = 58;
    /// Numbers of things that somebody has a part in, by kind.
    BY: Map<u8, Map<Address, List<u64>>> = 59;
}
