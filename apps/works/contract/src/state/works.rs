//! Records of parties, contracts, orders and evidence.

use alloy_primitives::{Address, B256};
use commonhold_module::{Text, record};

use crate::limits::TITLE_BYTES_MAX;

/// The title of a project or package.
pub(crate) type Title = Text<TITLE_BYTES_MAX>;

record! {
    /// A party.
    pub(crate) struct PartyRow {
        /// Its beneficial owner; zero: it is no party.
        pub(crate) group: B256,
        /// Hash of its credentials.
        pub(crate) credentials: B256,
        /// Until just before when they hold.
        pub(crate) until: u64,
        /// When it was admitted.
        pub(crate) enrolled_at: u64,
        /// Whether it was a member's account then.
        pub(crate) member: bool,
    }

    /// A project.
    pub(crate) struct ProjectRow {
        /// Whose.
        pub(crate) owner: Address,
        /// When it was opened.
        pub(crate) opened_at: u64,
        /// What it is called.
        pub(crate) title: Title,
    }

    /// A package.
    pub(crate) struct PackageRow {
        /// Its project.
        pub(crate) project: u64,
        /// Its newest tender.
        pub(crate) tender: u64,
        /// Its contract that binds.
        pub(crate) contract: u64,
        /// What it is called.
        pub(crate) title: Title,
    }

    /// A tender.
    pub(crate) struct TenderRow {
        /// Its package.
        pub(crate) package: u64,
        /// When it was opened.
        pub(crate) opened_at: u64,
        /// The last second that takes bids.
        pub(crate) deadline: u64,
        /// Until just before when bids are laid open.
        pub(crate) opening_until: u64,
        /// Hash of its documents.
        pub(crate) documents: B256,
        /// To whom it went.
        pub(crate) awarded: Address,
        /// Bids that were laid open.
        pub(crate) opened: u64,
        /// Why it went there.
        pub(crate) reason: B256,
    }

    /// A bid.
    pub(crate) struct BidRow {
        /// Whose.
        pub(crate) bidder: Address,
        /// When.
        pub(crate) made_at: u64,
        /// Whether it was laid open.
        pub(crate) opened: bool,
        /// What binds.
        pub(crate) commitment: B256,
        /// keccak-256 of the sealed bid.
        pub(crate) sealed_hash: B256,
        /// SHA-256 of the bid.
        pub(crate) content: B256,
    }

    /// A contract.
    pub(crate) struct ContractRow {
        /// Who pays.
        pub(crate) owner: Address,
        /// The interface's `ContractState`.
        pub(crate) state: u8,
        /// Milestones that are certified.
        pub(crate) certified: u16,
        /// Whether its ruleset is of radio sites, not of fibres.
        pub(crate) radio: bool,
        /// Its package.
        pub(crate) package: u64,
        /// Who builds.
        pub(crate) contractor: Address,
        /// Open defects.
        pub(crate) open_defects: u32,
        /// Its tender; zero: none.
        pub(crate) tender: u64,
        /// Who certifies.
        pub(crate) certifier: Address,
        /// Days by which what is due moves.
        pub(crate) extension_days: u32,
        /// When it was offered.
        pub(crate) formed_at: u64,
        /// When it was accepted.
        pub(crate) accepted_at: u64,
        /// When it was complete.
        pub(crate) completed_at: u64,
        /// When payment was applied for; zero: nothing waits.
        pub(crate) applied_at: u64,
        /// keccak-256 of what was applied for.
        pub(crate) applied: B256,
        /// The contract sum.
        pub(crate) sum: u64,
        /// What variations add.
        pub(crate) added: u64,
        /// What they leave out.
        pub(crate) omitted: u64,
        /// Certificates that are paid.
        pub(crate) paid: u64,
        /// What was paid.
        pub(crate) paid_minor: u64,
        /// Hash of the documents.
        pub(crate) documents: B256,
        /// Its ruleset.
        pub(crate) ruleset: B256,
        /// Its escrow.
        pub(crate) escrow: B256,
    }

    /// A line of a bill.
    pub(crate) struct LineRow {
        /// Thousandths.
        pub(crate) quantity: u64,
        /// Minor units.
        pub(crate) rate: u64,
        /// Its milestone.
        pub(crate) milestone: u16,
        /// Permille certified.
        pub(crate) done: u16,
    }

    /// A milestone.
    pub(crate) struct MilestoneRow {
        /// What it is called.
        pub(crate) title: B256,
        /// When it is due, without extensions.
        pub(crate) due_at: u64,
        /// Days planned.
        pub(crate) planned_days: u32,
        /// Whether measurements certify it.
        pub(crate) tested: bool,
        /// Who signs.
        pub(crate) signers: u8,
        /// Who signed.
        pub(crate) signed: u8,
        /// The interface's `MilestoneState`.
        pub(crate) state: u8,
        /// Who objected.
        pub(crate) objector: u8,
        /// Work orders.
        pub(crate) orders: u32,
        /// Of these, accepted.
        pub(crate) accepted: u32,
        /// Open defects of category 1.
        pub(crate) grave: u32,
        /// When it was claimed.
        pub(crate) claimed_at: u64,
        /// When it was certified.
        pub(crate) certified_at: u64,
        /// Why somebody objected or refused.
        pub(crate) reason: B256,
    }

    /// A share of what a contractor is paid.
    pub(crate) struct ShareRow {
        /// Whose.
        pub(crate) subcontractor: Address,
        /// Permille.
        pub(crate) permille: u16,
        /// Whether they agreed.
        pub(crate) agreed: bool,
    }

    /// A work order.
    pub(crate) struct OrderRow {
        /// Its contract.
        pub(crate) contract: u64,
        /// Its milestone.
        pub(crate) milestone: u16,
        /// Fibres.
        pub(crate) fibres: u32,
        /// Of these, accepted.
        pub(crate) accepted: u32,
        /// Of these, at the first try.
        pub(crate) first: u32,
        /// When it was issued.
        pub(crate) issued_at: u64,
        /// When it was done.
        pub(crate) done_at: u64,
        /// By whom it was issued.
        pub(crate) issuer: Address,
        /// What its nonces are made of.
        pub(crate) seed: B256,
    }

    /// A fibre, or a sector, of an order.
    pub(crate) struct FibreRow {
        /// Its place in the order, from 1; zero: it is not of the order.
        pub(crate) place: u16,
        /// How often it was rejected.
        pub(crate) attempt: u32,
        /// The interface's `Verdict`.
        pub(crate) verdict: u8,
        /// Files that are there.
        pub(crate) files: u16,
        /// Whether something of it was no evidence, or was rejected.
        pub(crate) spoiled: bool,
        /// When it was judged.
        pub(crate) judged_at: u64,
    }

    /// What the rules need of a file, beside its events.
    pub(crate) struct SideRow {
        /// Millimetres that the pulse covers.
        pub(crate) pulse_mm: u64,
        /// mdB.
        pub(crate) loss_threshold: u16,
        /// Averages.
        pub(crate) averages: u32,
        /// Signs of emulation that the file has by itself.
        pub(crate) signs: u8,
        /// Whether something of it is to be looked at.
        pub(crate) flagged: bool,
        /// The evidence.
        pub(crate) evidence: u64,
    }

    /// An event of a file's table.
    pub(crate) struct EventRow {
        /// Millimetres, in two's complement.
        pub(crate) at_mm: u64,
        /// mdB, in two's complement.
        pub(crate) loss: u16,
        /// mdB/km, in two's complement.
        pub(crate) slope: u16,
        /// mdB, in two's complement.
        pub(crate) reflectance: u32,
        /// 1 it has a reflectance, 2 it is reflective, 4 it is the end.
        pub(crate) marks: u8,
    }

    /// What was found at a sector; signed figures in two's complement.
    pub(crate) struct SectorRow {
        /// Hundredths of a degree.
        pub(crate) azimuth: u64,
        /// Hundredths of a degree.
        pub(crate) tilt: u64,
        /// Millimetres.
        pub(crate) height: u64,
        /// Hundredths of a dBm.
        pub(crate) power: u64,
        /// Milliohms.
        pub(crate) earth: u64,
        /// 1e-7 degrees.
        pub(crate) latitude: u64,
        /// 1e-7 degrees.
        pub(crate) longitude: u64,
        /// Hundredths.
        pub(crate) hdop: u64,
        /// The sweep's least return loss, 1e-8 dB.
        pub(crate) worst: u64,
        /// Points of the sweep.
        pub(crate) points: u32,
        /// Whether the sweep covers the band.
        pub(crate) covered: bool,
        /// Whether the fix is one in three dimensions.
        pub(crate) fix_3d: bool,
    }

    /// A piece of evidence.
    pub(crate) struct EvidenceRow {
        /// Its order.
        pub(crate) order: u64,
        /// When it came.
        pub(crate) at: u64,
        /// When it was measured.
        pub(crate) time: u64,
        /// Which file of the fibre.
        pub(crate) slot: u8,
        /// The interface's weight.
        pub(crate) weight: u8,
        /// Findings.
        pub(crate) findings: u32,
        /// Who brought it.
        pub(crate) by: Address,
        /// Whose samples these are.
        pub(crate) original: u64,
        /// Its fibre.
        pub(crate) fibre: B256,
        /// Its nonce.
        pub(crate) nonce: B256,
        /// The instrument.
        pub(crate) device: B256,
        /// SHA-256 of the file.
        pub(crate) file: B256,
        /// SHA-256 of the samples.
        pub(crate) samples: B256,
    }

    /// What an instrument said last.
    pub(crate) struct LastShot {
        /// Its counter.
        pub(crate) counter: u64,
        /// The time of its file.
        pub(crate) time: u64,
    }
}
