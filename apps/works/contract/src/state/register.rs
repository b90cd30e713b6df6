//! Records of what stands in the register: defects, payment, documents, notices, credit.

use alloy_primitives::{Address, B256};
use commonhold_module::record;

record! {
    /// A defect.
    pub(crate) struct DefectRow {
        /// Its contract.
        pub(crate) contract: u64,
        /// Its milestone.
        pub(crate) milestone: u16,
        /// Its category.
        pub(crate) category: u8,
        /// Days to mend it.
        pub(crate) allowed_days: u32,
        /// When it was raised.
        pub(crate) raised_at: u64,
        /// By whom.
        pub(crate) raised_by: Address,
        /// When it was mended.
        pub(crate) fixed_at: u64,
        /// When it was closed.
        pub(crate) closed_at: u64,
        /// What it is.
        pub(crate) what: B256,
        /// What was said last.
        pub(crate) reason: B256,
    }

    /// An inspection.
    pub(crate) struct InspectionRow {
        /// Its contract.
        pub(crate) contract: u64,
        /// Its milestone.
        pub(crate) milestone: u16,
        /// The interface's `Answer`.
        pub(crate) passed: u8,
        /// When it was asked for.
        pub(crate) asked_at: u64,
        /// When it is due.
        pub(crate) due_at: u64,
        /// When it was done.
        pub(crate) done_at: u64,
        /// The report.
        pub(crate) report: B256,
    }

    /// A variation.
    pub(crate) struct VariationRow {
        /// Its contract.
        pub(crate) contract: u64,
        /// When it was proposed.
        pub(crate) at: u64,
        /// Thousandths.
        pub(crate) quantity: u64,
        /// Minor units.
        pub(crate) rate: u64,
        /// By whom.
        pub(crate) by: Address,
        /// Whether it leaves something out.
        pub(crate) omits: bool,
        /// The interface's `Answer`.
        pub(crate) answer: u8,
        /// Days.
        pub(crate) extension_days: u32,
        /// When it was answered.
        pub(crate) answered_at: u64,
        /// What it is.
        pub(crate) what: B256,
        /// Why.
        pub(crate) reason: B256,
    }

    /// A certificate; figures below zero in two's complement.
    pub(crate) struct CertificateRow {
        /// Of the bill's lines.
        pub(crate) gross_work: u64,
        /// Of the variations.
        pub(crate) variations: u64,
        /// Held back.
        pub(crate) retention: u64,
        /// The advance.
        pub(crate) advance_paid: u64,
        /// Given back.
        pub(crate) advance_recovered: u64,
        /// For delay.
        pub(crate) damages: u64,
        /// What all come to.
        pub(crate) net: u64,
        /// What this adds.
        pub(crate) payment: u64,
        /// When it was given.
        pub(crate) certified_at: u64,
        /// When the money is due.
        pub(crate) due_at: u64,
        /// When it was paid.
        pub(crate) paid_at: u64,
        /// Why it is not what was applied for.
        pub(crate) reason: B256,
    }

    /// A document's container.
    pub(crate) struct DocumentRow {
        /// Its project.
        pub(crate) project: u64,
        /// Whose.
        pub(crate) owner: Address,
        /// ISO 19650's project.
        pub(crate) code: B256,
        /// Originator.
        pub(crate) originator: B256,
        /// Volume.
        pub(crate) volume: B256,
        /// Level.
        pub(crate) level: B256,
        /// Type.
        pub(crate) kind: B256,
        /// Role.
        pub(crate) role: B256,
        /// Number.
        pub(crate) number: B256,
    }

    /// A revision.
    pub(crate) struct RevisionRow {
        /// Its name.
        pub(crate) revision: B256,
        /// Its status.
        pub(crate) status: B256,
        /// Hash of the file.
        pub(crate) content: B256,
        /// The record.
        pub(crate) record: B256,
        /// By whom.
        pub(crate) by: Address,
        /// When.
        pub(crate) at: u64,
    }

    /// A transmittal.
    pub(crate) struct TransmittalRow {
        /// Its project.
        pub(crate) project: u64,
        /// When.
        pub(crate) at: u64,
        /// By whom.
        pub(crate) by: Address,
        /// What for.
        pub(crate) reason: B256,
    }

    /// A sheet of a transmittal.
    pub(crate) struct SheetRow {
        /// The document.
        pub(crate) document: u64,
        /// The revision.
        pub(crate) revision: u64,
    }

    /// A recipient of a transmittal.
    pub(crate) struct ReceiptRow {
        /// Who.
        pub(crate) recipient: Address,
        /// When they acknowledged it.
        pub(crate) acknowledged_at: u64,
    }

    /// A notice.
    pub(crate) struct NoticeRow {
        /// Its contract.
        pub(crate) contract: u64,
        /// When it was given.
        pub(crate) at: u64,
        /// When who gave it knew.
        pub(crate) aware: u64,
        /// The notice that it goes with.
        pub(crate) about: u64,
        /// By whom.
        pub(crate) from: Address,
        /// The interface's `NoticeKind`.
        pub(crate) kind: u8,
        /// The interface's `Answer`.
        pub(crate) answer: u8,
        /// To whom.
        pub(crate) to: Address,
        /// When it was acknowledged.
        pub(crate) acknowledged_at: u64,
        /// When it was answered.
        pub(crate) answered_at: u64,
        /// What it says.
        pub(crate) content: B256,
        /// What the answer says.
        pub(crate) answer_content: B256,
    }

    /// A page of a diary.
    pub(crate) struct DiaryRow {
        /// Days since 1970.
        pub(crate) day: u32,
        /// People.
        pub(crate) crew: u16,
        /// Machines.
        pub(crate) plant: u16,
        /// Weather.
        pub(crate) weather: u8,
        /// By whom.
        pub(crate) by: Address,
        /// When.
        pub(crate) at: u64,
        /// What it says.
        pub(crate) content: B256,
    }

    /// A fact.
    pub(crate) struct FactRow {
        /// With whom.
        pub(crate) counterparty: Address,
        /// The interface's `Part`.
        pub(crate) part: u8,
        /// The dimension.
        pub(crate) dimension: u8,
        /// Basis points.
        pub(crate) outcome: u16,
        /// How it is known.
        pub(crate) verification: u8,
        /// The interface's `FactState`.
        pub(crate) state: u8,
        /// Which of the subject's counterparties' groups.
        pub(crate) group: u16,
        /// The interface's `Kind` of what it comes of.
        pub(crate) source: u8,
        /// Minor units.
        pub(crate) value: u64,
        /// When.
        pub(crate) time: u64,
        /// What it comes of.
        pub(crate) item: u64,
    }

    /// What the final facts of one part, dimension, group and epoch come to.
    pub(crate) struct BucketRow {
        /// The interface's `Part`.
        pub(crate) part: u8,
        /// The dimension.
        pub(crate) dimension: u8,
        /// The group.
        pub(crate) group: u16,
        /// The epoch.
        pub(crate) epoch: u32,
        /// The sum of the weights.
        pub(crate) weight: u64,
        /// The sum of weights times outcomes.
        pub(crate) outcome: u128,
    }

    /// What a group's word counts.
    pub(crate) struct TrustRow {
        /// In which epoch it was settled last.
        pub(crate) epoch: u64,
        /// Permille, from the epoch after on.
        pub(crate) credibility: u32,
        /// Permille until then.
        pub(crate) before: u32,
        /// Whether a member is of the group: whole, always.
        pub(crate) whole: bool,
    }

    /// What some state of an award.
    pub(crate) struct AwardRow {
        /// Owner and contractor, as the signers' bits.
        pub(crate) sides: u8,
        /// Members.
        pub(crate) votes: u8,
    }

    /// An award that stands.
    pub(crate) struct AwardedRow {
        /// Permille that the contractor was awarded.
        pub(crate) share: u16,
        /// Since when; zero: none does.
        pub(crate) at: u64,
        /// The award's hash.
        pub(crate) award: B256,
    }

    /// An appeal.
    pub(crate) struct AppealRow {
        /// About whom.
        pub(crate) subject: Address,
        /// The interface's `FactState` that it led to.
        pub(crate) state: u8,
        /// Votes to uphold.
        pub(crate) uphold: u8,
        /// Votes to overturn.
        pub(crate) overturn: u8,
        /// Votes to amend to `outcome`.
        pub(crate) amend: u8,
        /// The outcome that was proposed first.
        pub(crate) outcome: u16,
        /// Which fact.
        pub(crate) fact: u64,
        /// When.
        pub(crate) at: u64,
        /// When it was decided.
        pub(crate) decided_at: u64,
        /// The grounds.
        pub(crate) grounds: B256,
    }

    /// That evidence was forged.
    pub(crate) struct ForgeryRow {
        /// Members that say so.
        pub(crate) votes: u8,
        /// When the second did.
        pub(crate) time: u64,
    }
}
