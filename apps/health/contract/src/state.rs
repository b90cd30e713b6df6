//! What `health` stores, and where.

use alloy_primitives::{Address, B256};
use commonhold_module::{List, Map, record, storage};

record! {
    /// A slice; its subject is never zero.
    pub(super) struct Slice {
        /// Whom it is about.
        pub(super) subject: Address,
        /// The interface's `Class`.
        pub(super) class: u8,
        /// The interface's `Sensitivity`.
        pub(super) sensitivity: u8,
        /// When it was registered.
        pub(super) registered_at: u64,
    }

    /// A subject's consent as it stands; version 0: none was ever set.
    pub(super) struct Consent {
        /// Its version.
        pub(super) version: u64,
        /// When it was set.
        pub(super) set_at: u64,
        /// When it was ended; zero: it was not.
        pub(super) ended_at: u64,
        /// How many consents were ended.
        pub(super) epoch: u32,
        /// Who set it.
        pub(super) set_by: Address,
        /// Hash of the FHIR Consent.
        pub(super) document_hash: B256,
    }

    /// A permit, or an exception of the permit before it.
    pub(super) struct Rule {
        /// Purposes.
        pub(super) purposes: u16,
        /// Classes.
        pub(super) classes: u32,
        /// The interface's `Recipient`.
        pub(super) kind: u8,
        /// From when on.
        pub(super) not_before: u64,
        /// Until just before when; zero: for ever.
        pub(super) until: u64,
        /// Whether it is an exception.
        pub(super) exception: bool,
        /// A permit's `Manner`.
        pub(super) manner: u8,
        /// A permit's veto window.
        pub(super) veto_seconds: u32,
        /// A permit's DUO permission.
        pub(super) permission: u16,
        /// Who.
        pub(super) recipient: B256,
    }

    /// A disease or modifier of a permit.
    pub(super) struct Use {
        /// Which of the rules.
        pub(super) rule: u8,
        /// The modifier; DS for a disease.
        pub(super) code: u16,
        /// The disease.
        pub(super) disease: u32,
        /// The modifier's date.
        pub(super) time: u64,
        /// The modifier's value.
        pub(super) value: B256,
    }

    /// A request; numbered from 1.
    pub(super) struct Request {
        /// Who asked.
        pub(super) requester: Address,
        /// When.
        pub(super) requested_at: u64,
        /// For which classes.
        pub(super) classes: u32,
        /// Of whom.
        pub(super) subject: Address,
        /// For which study; zero: none.
        pub(super) study: u64,
        /// Classes that a standing permit lets in to.
        pub(super) standing: u32,
        /// Who approved last.
        pub(super) approved_by: Address,
        /// When the veto window is over.
        pub(super) ready_at: u64,
        /// Classes that the owner is asked for.
        pub(super) asking: u32,
        /// Until just before when it lasts.
        pub(super) until: u64,
        /// Classes for which something is missing.
        pub(super) needing: u32,
        /// Classes that the owner let in to.
        pub(super) approved: u32,
        /// How many openings it is good for; zero: any number.
        pub(super) uses: u32,
        /// How many there were.
        pub(super) used: u32,
        /// Slices that were opened.
        pub(super) copies: u32,
        /// How many of these copies were destroyed.
        pub(super) destroyed: u32,
        /// The consent's epoch when it was asked.
        pub(super) epoch: u32,
        /// The interface's `Purpose`.
        pub(super) purpose: u8,
        /// The interface's `RequestState`.
        pub(super) state: u8,
        /// Obligations: 1 PUB, 2 RTN, 4 MOR, 8 TS.
        pub(super) duties: u8,
        /// Until when nothing is published.
        pub(super) moratorium: u64,
        /// Until when the data may be used.
        pub(super) limit: u64,
        /// Hash of the reason for people.
        pub(super) reason: B256,
    }

    /// An opening of a slice under a request.
    pub(super) struct Live {
        /// The slice.
        pub(super) id: B256,
        /// The request.
        pub(super) request: u64,
        /// When.
        pub(super) time: u64,
    }

    /// What members state of a MONDO term.
    pub(super) struct Parents {
        /// Whether they do.
        pub(super) stated: bool,
        /// Its parents; zeros for none.
        pub(super) p1: u32,
        /// The second.
        pub(super) p2: u32,
        /// The third.
        pub(super) p3: u32,
        /// The fourth.
        pub(super) p4: u32,
        /// The fifth.
        pub(super) p5: u32,
        /// The sixth.
        pub(super) p6: u32,
        /// The seventh.
        pub(super) p7: u32,
    }

    /// A study; numbered from 1.
    pub(super) struct Study {
        /// Who answers for it.
        pub(super) investigator: Address,
        /// When it was registered.
        pub(super) registered_at: u64,
        /// What it declares of itself, a bit for each word of the profile.
        pub(super) flags: u16,
        /// Its board.
        pub(super) board: u64,
        /// When the first person was enrolled; zero: nobody is.
        pub(super) first_enrolled: u64,
        /// When the database was locked; zero: it is not.
        pub(super) locked: u64,
        /// When it was unblinded; zero: it is not.
        pub(super) unblinded: u64,
        /// Which version the board approved last.
        pub(super) approved_version: u64,
        /// Until just before when.
        pub(super) approved_until: u64,
        /// When it was suspended; zero: it is not.
        pub(super) suspended_at: u64,
        /// The disease that it is about; zero: none.
        pub(super) disease: u32,
        /// Its country.
        pub(super) country: B256,
        /// Its institution.
        pub(super) institution: B256,
        /// Hash of the locked datasets.
        pub(super) dataset_hash: B256,
    }

    /// A version of a protocol.
    pub(super) struct Version {
        /// Hash of the USDM document.
        pub(super) usdm_hash: B256,
        /// Hash of why it was amended.
        pub(super) reason: B256,
        /// When it was registered.
        pub(super) time: u64,
    }

    /// An endpoint of a version.
    pub(super) struct EndpointRow {
        /// Its id.
        pub(super) id: B256,
        /// Hash of its normalised text.
        pub(super) text: B256,
        /// Hash of its time point.
        pub(super) time_point: B256,
        /// The interface's `Level`.
        pub(super) level: u8,
    }

    /// A report of results.
    pub(super) struct Report {
        /// Its hash.
        pub(super) report_hash: B256,
        /// When.
        pub(super) time: u64,
        /// The version that it was compared with.
        pub(super) version: u64,
        /// The interface's `Consistency`.
        pub(super) verdict: u8,
    }

    /// A finding of a report.
    pub(super) struct FindingRow {
        /// The endpoint; zero: none.
        pub(super) endpoint: B256,
        /// The interface's `Switch`.
        pub(super) what: u8,
        /// Whether an amendment declared it.
        pub(super) declared: bool,
    }

    /// An ethics board; numbered from 1.
    pub(super) struct Board {
        /// Who founded it.
        pub(super) founder: Address,
        /// When.
        pub(super) founded_at: u64,
        /// Votes that approve.
        pub(super) quorum: u32,
        /// How long an approval lasts.
        pub(super) approval_seconds: u64,
    }

    /// A ballot; numbered from 1.
    pub(super) struct Ballot {
        /// The study.
        pub(super) study: u64,
        /// Its version.
        pub(super) version: u64,
        /// The board.
        pub(super) board: u64,
        /// When it was opened.
        pub(super) opened_at: u64,
        /// When it was decided; zero: it is not.
        pub(super) decided_at: u64,
        /// Votes for it.
        pub(super) approvals: u32,
        /// Votes against it.
        pub(super) rejections: u32,
        /// Members with a conflict of interest.
        pub(super) conflicts: u32,
        /// The interface's `BallotState`; that it lapsed is not written.
        pub(super) state: u8,
    }

    /// An emergency; numbered from 1.
    pub(super) struct Case {
        /// Who opened it.
        pub(super) clinician: Address,
        /// When.
        pub(super) opened_at: u64,
        /// Why, by a code.
        pub(super) reason_code: u8,
        /// The interface's `CaseState`; that it lapsed is not written.
        pub(super) state: u8,
        /// Who confirmed it.
        pub(super) second: Address,
        /// When.
        pub(super) confirmed_at: u64,
        /// Of whom.
        pub(super) subject: Address,
        /// Who reviewed it.
        pub(super) reviewer: Address,
        /// The slice that was opened.
        pub(super) slice: B256,
        /// The key that it is opened to.
        pub(super) reader_key: B256,
    }

    /// A custodian's pseudonym of a person.
    pub(super) struct Pseudonym {
        /// Whose pseudonym of the person it is; zero: it was never offered.
        pub(super) custodian: Address,
        /// When it was offered last.
        pub(super) offered_at: u64,
        /// To whom; zero: to nobody.
        pub(super) offered_to: Address,
        /// When it was taken over last.
        pub(super) taken_at: u64,
        /// By whom; zero: it was not.
        pub(super) holder: Address,
    }

    /// A clinician's right to open emergencies.
    pub(super) struct Standing {
        /// The first of their confirmed emergencies that may wait for a review.
        pub(super) next: u64,
        /// How many wait.
        pub(super) pending: u32,
        /// Whether it was taken after a review.
        pub(super) suspended: bool,
    }
}

storage! {
    /// Slices by their records' ids.
    SLICES: Map<B256, Slice> = 0;
    /// A subject's slices, in the order of registration.
    BY_SUBJECT: Map<Address, List<B256>> = 1;
    /// A subject's latest emergency slice.
    EMERGENCY_SLICE: Map<Address, B256> = 2;
    /// Consents by subject.
    CONSENTS: Map<Address, Consent> = 3;
    /// The rules of a version of a consent.
    RULES: Map<Address, Map<u64, List<Rule>>> = 4;
    /// The uses that they allow.
    USES: Map<Address, Map<u64, List<Use>>> = 5;
    /// Whether a subject's investigators work with a study.
    COLLABORATIONS: Map<Address, Map<u64, bool>> = 6;
    /// When a subject left a study.
    WITHDRAWN: Map<Address, Map<u64, u64>> = 7;
    /// Copies of a subject's slices that a study (zero: who asks without one) holds.
    OUTSTANDING: Map<Address, Map<u64, u64>> = 8;
    /// Requests, oldest first.
    REQUESTS: List<Request> = 9;
    /// Requests to a subject.
    TO: Map<Address, List<u64>> = 11;
    /// Requests of somebody.
    BY: Map<Address, List<u64>> = 12;
    /// Somebody's latest request to a subject.
    LATEST: Map<Address, Map<Address, u64>> = 13;
    /// Which of a request's copies a slice's last one is, from 1; those up to `destroyed` are no more.
    RELEASED: Map<u64, Map<B256, u32>> = 14;
    /// Openings of a subject's slices, oldest first.
    LIVE: Map<Address, List<Live>> = 15;
    /// MONDO terms that members state.
    DISEASES: Map<u32, Parents> = 16;
    /// Members that said their word for a batch of terms.
    STATED: Map<B256, List<u64>> = 17;
    /// Studies.
    STUDIES: List<Study> = 18;
    /// A study's versions.
    VERSIONS: Map<u64, List<Version>> = 20;
    /// A version's endpoints.
    ENDPOINTS: Map<u64, Map<u64, List<EndpointRow>>> = 21;
    /// A study's reports.
    REPORTS: Map<u64, List<Report>> = 22;
    /// A report's findings.
    FINDINGS: Map<u64, Map<u64, List<FindingRow>>> = 23;
    /// Ethics boards.
    BOARDS: List<Board> = 24;
    /// A board's members.
    SEATS: Map<u64, List<Address>> = 26;
    /// Ballots.
    BALLOTS: List<Ballot> = 27;
    /// A study's ballots.
    BALLOTS_OF: Map<u64, List<u64>> = 29;
    /// What a member said in a ballot: 1 for it, 2 against it, 3 conflicted.
    CAST: Map<u64, Map<Address, u8>> = 30;
    /// Emergencies.
    CASES: List<Case> = 31;
    /// A subject's emergencies.
    CASES_OF: Map<Address, List<u64>> = 33;
    /// A clinician's confirmed emergencies.
    CONFIRMED: Map<Address, List<u64>> = 34;
    /// Clinicians' rights.
    RIGHTS: Map<Address, Standing> = 35;
    /// Pseudonyms that were offered.
    PSEUDONYMS: Map<Address, Pseudonym> = 36;
    /// Pseudonyms that somebody ever took over.
    HELD: Map<Address, List<Address>> = 37;
    /// Whether one is in somebody's list.
    EVER_HELD: Map<Address, Map<Address, bool>> = 38;
}
