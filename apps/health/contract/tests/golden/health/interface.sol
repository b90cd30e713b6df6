// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Health data shared by its owners' consent. Times are seconds since 1970; an end of zero is none.
/// Sets of classes have bit `c` for normal slices of class `c` and bit `16 + c` for restricted ones;
/// sets of purposes have bit `p` for purpose `p`. Hashes of what could be guessed are salted, and nothing here is free text.
interface IHealth {
    /// What a slice holds.
    enum Class {
        Demographics, Problems, Medications, Allergies, Immunizations, Labs, Vitals, Procedures,
        Documents, Genomic, Device, Trial, Emergency
    }
    /// How sensitive it is; what is very restricted opens by its owner's own approval alone.
    enum Sensitivity { Normal, Restricted, VeryRestricted }
    /// What for: v3-ActReason HRESCH, CLINTRCH, PUBHLTH, TREAT, FAMRQT.
    enum Purpose { Research, ClinicalTrial, PublicHealth, Treatment, FamilyRequest }
    /// Whom terms speak of.
    enum Recipient { Anyone, Account, Role, Study }
    /// What a permit does: it asks the owner, or lets in once the owner's veto window is over.
    enum Manner { Ask, Standing }
    /// A decision. DENY outranks NEEDS, which outranks PERMIT.
    enum Verdict { Deny, Needs, Permit }
    /// Why. The first six permit, the next nineteen deny, the next three are what is needed; then
    /// what consent says, and what stands in the way of a study.
    enum Reason {
        NoRestriction, GeneralResearch, HealthResearch, DiseaseCovered, AncestryResearch, CareAllowed,
        NotResearch, NotHealth, NotAncestryStudy, AncestryExcluded, NoDisease, DiseaseNotCovered,
        CareNotAllowed, MethodsExcluded, NotGenetic, CommercialExcluded, ForProfitExcluded,
        RefusesToPublish, RefusesToReturn, CountryNotListed, UserNotListed, ProjectNotListed,
        InstitutionNotListed, UnknownTerm, TimeIsOver,
        EthicsApproval, Collaboration, OwnersReview,
        NoConsent, OutsideConsent, ExcludedByConsent, ConsentLapsed, OwnerDecides,
        WithdrawnFromStudy, StudySuspended
    }
    /// Where a request stands, beside its masks.
    enum RequestState { Open, Vetoed, Refused, Revoked }
    /// Whether a reader gets a slice now, and why or why not.
    enum Leave {
        NoRequest, NotYours, Vetoed, Refused, Revoked, Withdrawn, ConsentEnded, Lapsed, Expired,
        UsedUp, NotCovered, NotYet, NotApproved, Suspended, NotQualified, ConsentChanged, Granted,
        Own, Erased
    }
    /// How an endpoint is registered.
    enum Level { Primary, Secondary, Exploratory }
    /// How an outcome is reported.
    enum Reporting { Primary, Secondary, Other, PostHoc }
    /// What an outcome switch is.
    enum Switch {
        PrimaryOmitted, PrimaryDemoted, SecondaryPromoted, ExploratoryPromoted, SecondaryOmitted,
        NovelUndeclared, NovelDeclared, DefinitionChanged
    }
    /// What a report is, by its findings.
    enum Consistency { Consistent, ConsistentWithDeclaredAdditions, Switched }
    /// Where a ballot stands.
    enum BallotState { Open, Approved, Rejected, Lapsed }
    /// Where an emergency stands.
    enum CaseState { Opened, Confirmed, Justified, Unjustified, Lapsed }
    /// Whether somebody may open emergencies.
    enum Right { NotQualified, Good, Overdue, Suspended, TooManyPending }

    /// A slice to register: a record of the caller's whose policy is this module.
    struct NewSlice { bytes32 id; Class class; Sensitivity sensitivity; }
    /// A registered slice.
    struct Slice {
        bytes32 id; address subject; Class class; Sensitivity sensitivity; uint64 registeredAt;
    }
    /// To which requests a rule applies.
    struct Terms {
        uint16 purposes; uint32 classes; Recipient kind; bytes32 recipient; uint64 notBefore;
        uint64 until;
    }
    /// A DUO modifier by its number (19 for DUO:0000019), one value a row, or a date (MOR, TS).
    struct Modifier { uint16 code; bytes32 value; uint64 time; }
    /// A DUO permission by its number, MONDO diseases by theirs, and modifiers.
    struct DataUse { uint16 permission; uint32[] diseases; Modifier[] modifiers; }
    /// What the root's denial excepts, what is denied within, for what use and in what manner.
    struct Permit {
        Terms terms; Terms[] exceptions; DataUse dataUse; Manner manner; uint32 vetoSeconds;
    }
    /// A consent: version 0 is none, and what is ended permits nothing.
    struct Consent {
        uint64 version; address setBy; uint64 setAt; uint64 endedAt; uint32 epoch;
        bytes32 documentHash; Permit[] permits;
    }
    /// What a study declares of itself; disease by its MONDO number, zero for none.
    struct Profile {
        bool research; bool healthBiomedical; bool methodsDevelopment; bool populationAncestry;
        bool geneticStudy; bool clinicalCare; bool commercial; bool forProfit; bool willPublish;
        bool returnsResults; uint32 disease; bytes32 country; bytes32 institution;
    }
    /// What is known of a request beside.
    struct Circumstances {
        bool ethicsApproval; bool collaborationAgreed; bytes32 user; bytes32 project; uint64 date;
    }
    /// A DUO obligation carried on a grant; the date where it has one.
    struct Duty { uint16 code; uint64 time; }
    /// A decision with its reasons.
    struct Decision { Verdict verdict; Reason[] reasons; Duty[] obligations; }
    /// A decision on one class (its bit's number).
    struct ClassDecision {
        uint8 class; Verdict verdict; Manner manner; uint32 vetoSeconds; Reason[] reasons;
        Duty[] obligations;
    }
    /// What somebody asks of a subject; `study` zero for none, `reason` a hash for people.
    struct Ask {
        uint64 study; Purpose purpose; uint32 classes; uint64 until; uint32 uses; bytes32 reason;
    }
    /// A request, which is the grant too: open are `approved`, and `standing` from `readyAt` on.
    struct Request {
        uint64 number; address requester; address subject; uint64 study; Purpose purpose;
        uint32 classes; uint32 standing; uint32 asking; uint32 needing; uint32 approved;
        address approvedBy; uint64 requestedAt; uint64 readyAt; uint64 until; uint32 uses;
        uint32 used; Duty[] obligations; RequestState state; uint32 copies; uint32 destroyed;
        uint32 epoch; bytes32 reason;
    }
    /// A MONDO term and up to seven parents.
    struct Disease { uint32 term; uint32[] parents; }
    /// An endpoint: id and hash of the normalised text (zero: a placeholder) and time point.
    struct Endpoint { bytes32 id; Level level; bytes32 text; bytes32 timePoint; }
    /// A reported outcome; `endpoint` zero where it names none.
    struct Reported { bytes32 endpoint; Reporting level; bytes32 text; bytes32 timePoint; }
    /// A finding; `declared` where an amendment said so before the report.
    struct Finding { bytes32 endpoint; Switch what; bool declared; }
    /// A study.
    struct Study {
        uint64 number; address investigator; uint64 board; uint64 versions; uint64 registeredAt;
        uint64 firstEnrolled; uint64 locked; uint64 unblinded; uint64 approvedVersion;
        uint64 approvedUntil; uint64 suspendedAt; uint64 reports; bytes32 datasetHash;
        Profile profile;
    }
    /// A version of a protocol: SHA-256 of the canonical USDM document.
    struct Version { bytes32 usdmHash; bytes32 reason; uint64 time; Endpoint[] endpoints; }
    /// A report of results and what is found in it against `version`.
    struct Report {
        bytes32 reportHash; uint64 time; uint64 version; Consistency verdict; Finding[] findings;
    }
    /// An ethics board: `quorum` approving votes approve for `approvalSeconds`.
    struct Board {
        uint64 number; address founder; uint64 foundedAt; uint32 quorum; uint64 approvalSeconds;
        address[] members;
    }
    /// A board's ballot on a version of a study.
    struct Ballot {
        uint64 number; uint64 study; uint64 version; uint64 board; uint64 openedAt; uint64 closes;
        uint32 approvals; uint32 rejections; uint32 conflicts; BallotState state; uint64 decidedAt;
    }
    /// An emergency.
    struct Case {
        uint64 number; address clinician; address second; address subject; uint8 reasonCode;
        uint64 openedAt; uint64 confirmedAt; uint64 reviewDue; CaseState state; address reviewer;
        bytes32 slice; bytes32 readerKey;
    }

    /// A custodian's pseudonym of a person, of which nobody has the key; zero where it was never offered.
    struct Pseudonym {
        address custodian; address offeredTo; uint64 offeredAt; address holder; uint64 takenAt;
    }

    /// A record became a slice about a subject.
    event SliceRegistered(bytes32 indexed id, address indexed subject, Class class, Sensitivity sensitivity);
    /// A subject's consent was set.
    event ConsentSet(address indexed subject, uint64 version, address indexed by, bytes32 documentHash);
    /// A subject's consent was ended, and what was given under it.
    event ConsentEnded(address indexed subject, uint64 version, address indexed by);
    /// A subject's investigators work with a study, or no longer.
    event CollaborationAgreed(address indexed subject, uint64 indexed study, address indexed by, bool agreed);
    /// Somebody asked a subject, and it was decided: what stands from `readyAt` on, what the owner is asked,
    /// what something is missing for; the rest is denied.
    event Requested(uint64 indexed number, address indexed requester, address indexed subject, uint64 study,
        Purpose purpose, uint32 classes, uint32 standing, uint32 asking, uint32 needing, uint64 readyAt);
    /// An owner let in to classes.
    event Approved(uint64 indexed number, address indexed subject, address indexed by, uint32 classes);
    /// An owner refused a request.
    event Refused(uint64 indexed number, address indexed subject, address indexed by);
    /// An owner stopped what a standing permit would have let in.
    event Vetoed(uint64 indexed number, address indexed subject, address indexed by);
    /// An owner took back what was given.
    event Revoked(uint64 indexed number, address indexed subject, address indexed by);
    /// A reader asked for a slice (request zero: under none); `opening` is the number in `records`.
    event SliceAsked(uint64 indexed request, bytes32 indexed id, address indexed reader, address subject,
        uint64 opening, Leave leave);
    /// A subject left a study that holds so many copies.
    event WithdrawnFrom(address indexed subject, uint64 indexed study, address indexed by, uint64 copiesOutstanding);
    /// A requester attested that its copies were destroyed.
    event CopiesDestroyed(uint64 indexed number, address indexed by, uint32 copies, bytes32 evidence);
    /// A member said its word for a batch of terms; whether that put it into force.
    event DiseasesStated(bytes32 indexed batch, uint64 indexed member, bool inForce);
    /// A study was registered.
    event StudyRegistered(uint64 indexed number, address indexed investigator, bytes32 indexed usdmHash, uint64 board);
    /// A version was added to a study.
    event StudyAmended(uint64 indexed number, uint64 version, bytes32 indexed usdmHash, bytes32 reason);
    /// The first person was enrolled, under this version.
    event FirstEnrolled(uint64 indexed number, uint64 version);
    /// A study's database was locked.
    event DatabaseLocked(uint64 indexed number, bytes32 indexed datasetHash);
    /// A study was unblinded, after its database was locked or before.
    event Unblinded(uint64 indexed number, bool afterLock);
    /// Results were reported, and compared.
    event ResultsReported(uint64 indexed number, uint64 report, bytes32 indexed reportHash, Consistency verdict);
    /// What was found in them.
    event SwitchFound(uint64 indexed number, uint64 report, bytes32 indexed endpoint, Switch what, bool declared);
    /// An ethics board was founded.
    event BoardFounded(uint64 indexed number, address indexed founder, uint32 quorum, uint64 approvalSeconds);
    /// A version of a study was put to its board.
    event BallotOpened(uint64 indexed number, uint64 indexed study, uint64 indexed board, uint64 version);
    /// A board's member declared a conflict of interest.
    event ConflictDeclared(uint64 indexed ballot, address indexed member);
    /// A board's member voted.
    event Voted(uint64 indexed ballot, address indexed member, bool approve);
    /// A board decided.
    event BallotDecided(uint64 indexed ballot, uint64 indexed study, BallotState state, uint64 approvedUntil);
    /// A board's member suspended a study.
    event StudySuspended(uint64 indexed number, address indexed by, bytes32 reason);
    /// A clinician opened an emergency: the subject is told so.
    event EmergencyOpened(uint64 indexed number, address indexed subject, address indexed clinician, uint8 reasonCode);
    /// A second clinician confirmed it, and the slice opened.
    event EmergencyConfirmed(uint64 indexed number, address indexed subject, address indexed second,
        bytes32 slice, uint64 opening, uint64 reviewDue);
    /// An emergency was reviewed.
    event EmergencyReviewed(uint64 indexed number, address indexed reviewer, bool justified);
    /// A member gave a clinician the right back.
    event EmergencyRightRestored(address indexed clinician, address indexed by);

    /// A pseudonym was offered to somebody; zero: to nobody any more.
    event PseudonymOffered(address indexed subject, address indexed by, address indexed to);
    /// Somebody took a pseudonym over, and decides on what is kept under it.
    event PseudonymTaken(address indexed subject, address indexed holder);

    /// The caller may not act for the subject.
    error NotForSubject(address subject, address caller);
    /// The caller lacks the role.
    error RoleMissing(address caller, bytes32 role);
    /// The caller does not act for a member of the consortium.
    error NotMember(address caller);
    /// A list has none, or more than it may have.
    error UnfitCount(uint256 given, uint256 max);
    /// The record is not the caller's, or its policy is not this module.
    error UnfitRecord(bytes32 id);
    /// The slice is registered already, or there is none of this id.
    error UnfitSlice(bytes32 id);
    /// A set of classes or purposes is empty, or has bits that mean nothing.
    error UnfitMask(uint256 mask);
    /// A time window ends before it begins, is over, or is too long.
    error UnfitWindow(uint64 notBefore, uint64 until);
    /// Terms name a recipient that cannot be, or none where one is due.
    error UnfitRecipient(Recipient kind, bytes32 recipient);
    /// Not a DUO term that this module knows there, or without what it needs.
    error UnfitTerm(uint16 code);
    /// There is no consent to end.
    error NoConsentSet(address subject);
    /// There is nothing of this number.
    error Unknown(uint64 number);
    /// What the caller wants does not fit the state that it is in.
    error UnfitState(uint64 number);
    /// A purpose goes with a study, or without one.
    error UnfitPurpose(Purpose purpose, uint64 study);
    /// Whoever asks for somebody's data needs a key that it can be sealed to.
    error NoEncryptionKey(address account);
    /// The classes are not among those that can be approved.
    error NotApprovable(uint64 number, uint32 classes);
    /// The subject left the study already.
    error AlreadyWithdrawn(address subject, uint64 study);
    /// Too many openings of one subject's slices at a time: come again when some are over.
    error TooManyReleases(address subject);
    /// Only the study's investigator, or who acts for them, may do this.
    error NotInvestigator(uint64 study, address caller);
    /// Endpoints must have distinct ids that are not zero.
    error UnfitEndpoint(bytes32 id);
    /// The caller is not on the board, or the board cannot be as given.
    error UnfitBoard(uint64 board, address member);
    /// The member has a conflict of interest.
    error Conflicted(uint64 ballot, address member);
    /// The member voted already, or said this member's word of a batch already.
    error AlreadySaid(address member);
    /// The caller may not open emergencies now.
    error NoEmergencyRight(address clinician, Right right);
    /// The subject has no emergency slice.
    error NoEmergencySlice(address subject);
    /// The second person is the first, or speaks for the subject; a reviewer is one of the two.
    error UnfitPerson(address person);

    /// The pseudonym was not offered to the caller.
    error NotOffered(address subject, address caller);
    /// Somebody took the pseudonym over: only they may pass it on.
    error AlreadyHeld(address subject, address holder);

    /// Registers up to sixteen records as slices about `subject` (zero: the caller). A custodian may do it of others.
    function registerSlices(address subject, NewSlice[] calldata slices) external;
    /// Sets a subject's consent; `documentHash` is of the FHIR Consent, salted where it says more.
    function setConsent(address subject, Permit[] calldata permits, bytes32 documentHash)
        external returns (uint64 version);
    /// Ends it, and with it every grant that was made under it, from the next transaction on.
    function endConsent(address subject) external;
    /// Says that a study works with the subject's investigators (DUO COL), or no longer.
    function agreeCollaboration(address subject, uint64 study, bool agreed) external;
    /// Asks up to two subjects for slices. Each gets a request of its own, numbered from `first` on.
    function request(Ask calldata ask, address[] calldata subjects) external returns (uint64 first);
    /// The owner lets in to classes that were asked.
    function approve(uint64 number, uint32 classes) external;
    /// The owner refuses, and nothing of it opens.
    function refuse(uint64 number) external;
    /// The owner stops, within the veto window, what a standing permit would let in.
    function veto(uint64 number) external;
    /// The owner takes it back, from the next transaction on.
    function revoke(uint64 number) external;
    /// Leaves a study with up to two subjects for ever; tells how many copies are outstanding.
    function withdraw(uint64 study, address[] calldata subjects) external returns (uint64 outstanding);
    /// Attests that all copies made under a request were destroyed.
    function attestDestruction(uint64 number, bytes32 evidence) external;
    /// Asks for a slice under a request. A refusal is an answer, and stands on the ledger.
    function requestSlice(uint64 number, bytes32 id, bytes32 readerKey)
        external returns (uint64 opening, Leave leave);
    /// The same as `records` has it: under the caller's last request to the subject, or as the subject.
    function requestOpening(bytes32 id, bytes32 purpose, bytes32 readerKey)
        external returns (uint64 number, uint8 access);
    /// A member's word for terms of MONDO; a quorum of members puts the same batch into force.
    function stateDiseases(Disease[] calldata diseases) external;
    /// Registers a protocol.
    function registerStudy(bytes32 usdmHash, Endpoint[] calldata endpoints, Profile calldata profile, uint64 board)
        external returns (uint64 number);
    /// Registers a further version of it.
    function amendStudy(uint64 number, bytes32 usdmHash, Endpoint[] calldata endpoints, bytes32 reason) external;
    /// Declares that the first person was enrolled: now.
    function declareFirstEnrolment(uint64 number) external;
    /// Declares the database locked, with the hash of the datasets.
    function lockDatabase(uint64 number, bytes32 datasetHash) external;
    /// Declares the study unblinded.
    function unblind(uint64 number) external;
    /// Reports results; the findings are computed here.
    function reportResults(uint64 number, bytes32 reportHash, Reported[] calldata outcomes)
        external returns (uint64 report, Consistency verdict);
    /// A consortium member founds a board of accounts that hold the role.
    function foundBoard(address[] calldata members, uint32 quorum, uint64 approvalSeconds)
        external returns (uint64 number);
    /// Puts the study's latest version to its board.
    function openBallot(uint64 study) external returns (uint64 number);
    /// A board's member declares its conflict of interest, and has no vote.
    function declareConflict(uint64 ballot) external;
    /// A board's member votes.
    function vote(uint64 ballot, bool approve) external;
    /// A board's member stops a study, until the board approves it anew.
    function suspendStudy(uint64 number, bytes32 reason) external;
    /// A clinician opens an emergency; a second one confirms within ten minutes, or within the hour who is
    /// on call for emergencies.
    function openEmergency(address subject, uint8 reasonCode, bytes32 readerKey) external returns (uint64 number);
    /// The second person confirms: the emergency slice opens to the first.
    function confirmEmergency(uint64 number) external returns (uint64 opening);
    /// The subject, who acts for them, or an auditor reviews it.
    function reviewEmergency(uint64 number, bool justified) external;
    /// A consortium member gives a clinician the right back; what is overdue must be reviewed first.
    function restoreEmergencyRight(address clinician) external;

    /// Offers a pseudonym of the caller's to the person behind it: the last 20 bytes of
    /// `keccak256(abi.encode("pseudonym", chainid, caller, secret))`. Zero takes the offer back.
    function offerPseudonym(bytes32 secret, address to) external returns (address subject);
    /// Offers a pseudonym that the caller, or whom they act for, took over to another address of theirs.
    function passPseudonym(address subject, address to) external;
    /// Takes over a pseudonym that was offered to the caller: who acts for the caller acts for it from now on.
    function takePseudonym(address subject) external;

    /// A slice.
    function slice(bytes32 id) external view returns (Slice memory entry);
    /// Up to `max` ids (100 at most) of a subject's slices from number `from` on, and how many there are.
    function slicesOf(address subject, uint64 from, uint64 max) external view returns (bytes32[] memory page, uint64 total);
    /// A subject's consent as it stands.
    function consentOf(address subject) external view returns (Consent memory entry);
    /// DUO alone, with the diseases as this ledger knows them.
    function decide(DataUse calldata dataUse, Profile calldata profile, Circumstances calldata given)
        external view returns (Decision memory decision);
    /// What would be decided if `requester` asked now, class by class.
    function decideRequest(address requester, Ask calldata ask, address subject)
        external view returns (ClassDecision[] memory decisions);
    /// A request.
    function requestOf(uint64 number) external view returns (Request memory entry);
    /// Numbers of the requests to a subject, a page as above.
    function requestsTo(address subject, uint64 from, uint64 max) external view returns (uint64[] memory page, uint64 total);
    /// The same of a requester's.
    function requestsBy(address requester, uint64 from, uint64 max) external view returns (uint64[] memory page, uint64 total);
    /// Whether `reader` would get a slice now under a request.
    function leaveOf(uint64 number, bytes32 id, address reader) external view returns (Leave leave);
    /// Copies of a subject's slices that a study holds, and whether the subject left it.
    function participation(address subject, uint64 study)
        external view returns (uint64 outstanding, uint64 withdrawnAt, bool collaboration);
    /// Whether a MONDO term is, or is a kind of, another.
    function isKindOf(uint32 term, uint32 of_) external view returns (bool answer);
    /// A study.
    function study(uint64 number) external view returns (Study memory entry);
    /// A version of a study, from 1.
    function studyVersion(uint64 number, uint64 version) external view returns (Version memory entry);
    /// A study's report, from 0.
    function report(uint64 number, uint64 index) external view returns (Report memory entry);
    /// A board.
    function board(uint64 number) external view returns (Board memory entry);
    /// A ballot.
    function ballot(uint64 number) external view returns (Ballot memory entry);
    /// Numbers of a study's ballots, a page as above.
    function ballotsOf(uint64 study, uint64 from, uint64 max) external view returns (uint64[] memory page, uint64 total);
    /// An emergency.
    function emergency(uint64 number) external view returns (Case memory entry);
    /// Numbers of a subject's emergencies, a page as above.
    function emergenciesOf(address subject, uint64 from, uint64 max) external view returns (uint64[] memory page, uint64 total);
    /// Whether somebody may open emergencies now.
    function emergencyRight(address clinician) external view returns (Right right);
    /// A pseudonym.
    function pseudonym(address subject) external view returns (Pseudonym memory entry);
    /// The pseudonym of a custodian's that a secret makes.
    function pseudonymOf(address custodian, bytes32 secret) external view returns (address subject);
    /// Pseudonyms that somebody ever took over, a page as above.
    function pseudonymsOf(address holder, uint64 from, uint64 max) external view returns (address[] memory page, uint64 total);
    /// How many requests, studies, boards, ballots and emergencies there are; each is numbered from 1.
    function counts() external view returns (uint64 requests, uint64 studies, uint64 boards, uint64 ballots, uint64 emergencies);
}
