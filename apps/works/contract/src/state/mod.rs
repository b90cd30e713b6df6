//! What `works` stores, and where.

mod register;
mod works;

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{List, Map, storage};

pub(super) use register::{
    AppealRow, AwardRow, AwardedRow, BucketRow, CertificateRow, DefectRow, DiaryRow, DocumentRow,
    FactRow, ForgeryRow, InspectionRow, NoticeRow, ReceiptRow, RevisionRow, SheetRow,
    TransmittalRow, TrustRow, VariationRow,
};
pub(super) use works::{
    BidRow, ContractRow, EventRow, EvidenceRow, FibreRow, LastShot, LineRow, MilestoneRow,
    OrderRow, PackageRow, PartyRow, ProjectRow, SectorRow, ShareRow, SideRow, TenderRow,
};

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
    /// What was found at sectors, by nonce.
    SECTORS: Map<B256, SectorRow> = 60;
    /// What is stated of awards, by the hash of claim, share and award.
    AWARDS: Map<B256, AwardRow> = 61;
    /// Members that stated something of a claim's award.
    AWARD_VOTED: Map<u64, Map<u64, bool>> = 62;
    /// Awards that stand, by their claims.
    AWARDED: Map<u64, AwardedRow> = 63;
}
