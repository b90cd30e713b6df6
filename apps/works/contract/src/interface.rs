//! The Solidity interface of `works`.

#![allow(clippy::too_many_arguments, reason = "events say all that happened")]

use alloy_sol_types::sol;

sol! {
    #![sol(abi, all_derives)]

    /// The law of works: who builds what for whom, what is accepted by what was measured, what is paid, and
    /// what that says of everybody. Numbers begin at 1, times are seconds since 1970, money is in minor units
    /// (cents), quantities and progress are thousandths, words of 32 bytes hold text filled up with zeros
    /// where nothing else is said, and reasons are hashes of what people wrote.
    interface IWorks {
        /// What something is.
        enum Kind {
            /// A project.
            Project,
            /// A package of a project.
            Package,
            /// A tender of a package.
            Tender,
            /// A contract.
            Contract,
            /// A milestone of a contract.
            Milestone,
            /// A work order.
            Order,
            /// A piece of evidence.
            Evidence,
            /// A defect.
            Defect,
            /// An inspection.
            Inspection,
            /// A variation.
            Variation,
            /// A payment certificate.
            Certificate,
            /// A document.
            Document,
            /// A transmittal.
            Transmittal,
            /// A notice.
            Notice,
            /// A fact that credit is computed of.
            Fact,
            /// An appeal.
            Appeal
        }

        /// How a contract stands.
        enum ContractState {
            /// Its owner writes it; the contractor has not agreed.
            Offered,
            /// It binds.
            Running,
            /// All milestones are certified.
            Completed,
            /// Its retention is certified too.
            Closed
        }

        /// How a milestone stands.
        enum MilestoneState {
            /// Work goes on.
            Open,
            /// The contractor says that it is done.
            Claimed,
            /// Somebody objects: people sign.
            Objected,
            /// It is done.
            Certified,
            /// Who had to sign refused, with a reason; it may be claimed again.
            Refused
        }

        /// What follows of a fibre's evidence.
        enum Verdict {
            /// There is none, or not enough.
            Incomplete,
            /// Taken.
            Accept,
            /// A person decides.
            Review,
            /// Not taken: it is measured again, under a new nonce.
            Reject
        }

        /// What a rule says.
        enum RuleStatus {
            /// Within the limit.
            Pass,
            /// Within the limit by less than the uncertainty.
            Marginal,
            /// There is nothing to say it of.
            Insufficient,
            /// Over the limit.
            Fail
        }

        /// The clocks of a contract.
        enum Profile {
            /// Those that its terms write out.
            Own,
            /// NEC4.
            Nec4,
            /// FIDIC 2017.
            Fidic
        }

        /// What silence means.
        enum Silence {
            /// What was asked for is given.
            Accepts,
            /// What was asked for is refused.
            Rejects,
            /// It goes to who stands above.
            Escalates
        }

        /// What a notice is.
        enum NoticeKind {
            /// Anything else that is to be known.
            General,
            /// Something may go wrong.
            EarlyWarning,
            /// Somebody wants time or money: within the bar from when they knew, or never.
            Claim,
            /// The details of a claim.
            Detail,
            /// A quotation.
            Quotation,
            /// A request for information.
            Question
        }

        /// How an answer or a decision stands.
        enum Answer {
            /// There is none.
            None,
            /// Yes.
            Yes,
            /// No, with a reason.
            No
        }

        /// As what somebody is scored.
        enum Part {
            /// Contractors, subcontractors, suppliers: in time, at the first try, defects, notices, pays,
            /// disputes.
            Executor,
            /// Who pays: pays, answers, settles variations, disputes.
            Owner,
            /// Who inspects: in time, not overturned, agrees with audits.
            Supervisor
        }

        /// How a fact stands.
        enum FactState {
            /// It counts from fourteen days after it happened.
            Stated,
            /// It is appealed against and counts for nothing.
            Appealed,
            /// It stood an appeal.
            Upheld,
            /// An appeal changed its outcome.
            Amended,
            /// It counts for nothing.
            Overturned
        }

        /// A party, admitted by a member of the consortium.
        struct Party {
            /// Its account.
            address account;
            /// Its beneficial owner: what parties of one deal among themselves counts for nobody's credit.
            bytes32 group;
            /// Hash of its credentials.
            bytes32 credentials;
            /// Until just before when they hold.
            uint64 until;
            /// When it was admitted.
            uint64 enrolledAt;
            /// Whether it is a member itself; such a counterparty counts whole.
            bool member;
        }

        /// A tender.
        struct Tender {
            /// Its package.
            uint64 package;
            /// Hash of its documents.
            bytes32 documents;
            /// When it was opened.
            uint64 openedAt;
            /// The last second that takes bids, and the time that they are sealed to.
            uint64 deadline;
            /// Until just before when bids are laid open; who is not is out.
            uint64 openingUntil;
            /// Bids.
            uint64 bids;
            /// Bids that were laid open.
            uint64 opened;
            /// To whom it went; zero: to nobody.
            address awarded;
            /// Why.
            bytes32 reason;
        }

        /// A bid.
        struct Bid {
            /// Whose.
            address bidder;
            /// When it was made, or last made anew.
            uint64 madeAt;
            /// What binds the bidder: `SHA-256("WORKS-BID-v1" ‖ 0 ‖ salt ‖ bid)`.
            bytes32 commitment;
            /// keccak-256 of the bid as it is sealed to the deadline.
            bytes32 sealedHash;
            /// Whether it was laid open.
            bool opened;
            /// SHA-256 of the bid, where it was.
            bytes32 content;
        }

        /// The clocks of a contract in days; zero where there is none.
        struct Clocks {
            /// From knowing to a claim.
            uint32 noticeBarDays;
            /// From knowing to its details.
            uint32 detailDays;
            /// From a notice to its answer.
            uint32 replyDays;
            /// From a request to a quotation.
            uint32 quotationDays;
            /// From an application for payment to its certificate.
            uint32 certificateDays;
            /// From an application for payment to the money.
            uint32 paymentDays;
            /// What silence means.
            Silence silence;
        }

        /// Terms of a contract. Shares are in permille.
        struct Terms {
            /// Of the gross, held back.
            uint16 retention;
            /// Of the contract sum: no more is held back.
            uint16 retentionCap;
            /// Of what is held back: paid at completion.
            uint16 releaseAtCompletion;
            /// For each day of delay.
            uint64 damagesPerDay;
            /// Of the contract sum: no more is taken.
            uint16 damagesCap;
            /// Of the contract sum, paid with the first certificate.
            uint16 advance;
            /// Of the gross, until the advance is back.
            uint16 advanceRecovery;
            /// When all is to be done.
            uint64 dueAt;
            /// Seconds in which others may object to a milestone that measurements show.
            uint32 objectionSeconds;
            /// Days after completion in which defects are mended, and retention is held.
            uint32 defectsDays;
            /// Days after which something delivered counts as received.
            uint32 deemedDays;
            /// Units of the settlement token that a minor unit of money is.
            uint64 unitsPerMinor;
            /// Which clocks.
            Profile profile;
            /// The contract's own, where it has its own.
            Clocks clocks;
        }

        /// A contract, as its owner offers it.
        struct NewContract {
            /// Of which package.
            uint64 package;
            /// Of which tender; zero: of none.
            uint64 tender;
            /// Who builds.
            address contractor;
            /// Who certifies.
            address certifier;
            /// Hash of the documents that it consists of.
            bytes32 documents;
            /// The ruleset that its measurements are held against.
            bytes32 ruleset;
            /// Terms.
            Terms terms;
        }

        /// A contract.
        struct Contract {
            /// Its number.
            uint64 number;
            /// What it was offered as, its clocks resolved.
            NewContract offer;
            /// Who pays.
            address owner;
            /// How it stands.
            ContractState state;
            /// When it was offered.
            uint64 formedAt;
            /// When the contractor agreed; zero: not yet.
            uint64 acceptedAt;
            /// When the last milestone was done; zero: not yet.
            uint64 completedAt;
            /// The contract sum.
            uint64 sum;
            /// What variations add.
            uint64 added;
            /// What they leave out.
            uint64 omitted;
            /// Days by which variations move what is due.
            uint32 extensionDays;
            /// Lines of its bill.
            uint64 lines;
            /// Milestones.
            uint64 milestones;
            /// Of these, certified.
            uint64 certified;
            /// Defects that are open.
            uint32 openDefects;
            /// When payment was applied for; zero: nothing waits.
            uint64 appliedAt;
            /// Certificates.
            uint64 certificates;
            /// Of these, paid.
            uint64 paid;
            /// What was paid.
            uint64 paidMinor;
            /// The escrow that it is paid from; zero: none yet.
            bytes32 escrow;
        }

        /// A line of a bill of quantities.
        struct Line {
            /// Thousandths.
            uint64 quantity;
            /// Minor units.
            uint64 rate;
            /// The milestone that must be certified before anything of it is paid; zero: none.
            uint16 milestone;
            /// How much is certified, in permille.
            uint16 done;
        }

        /// A milestone, as its owner offers it.
        struct NewMilestone {
            /// What it is called.
            bytes32 title;
            /// When it is due.
            uint64 dueAt;
            /// Days planned for it.
            uint32 plannedDays;
            /// Whether measurements certify it, where nobody objects.
            bool tested;
            /// Who signs otherwise: 1 owner, 2 certifier, 4 contractor, and sums.
            uint8 signers;
        }

        /// A milestone.
        struct Milestone {
            /// What it was offered as; due with extensions.
            NewMilestone offer;
            /// How it stands.
            MilestoneState state;
            /// Who signed.
            uint8 signed;
            /// Work orders.
            uint32 orders;
            /// Of these, accepted.
            uint32 accepted;
            /// Open defects of category 1.
            uint32 graveDefects;
            /// When it was claimed last.
            uint64 claimedAt;
            /// When it was certified; zero: not yet.
            uint64 certifiedAt;
            /// Who objected, as a bit of the signers; zero: nobody.
            uint8 objector;
            /// Why somebody objected or refused.
            bytes32 reason;
        }

        /// An instrument of an order.
        struct Instrument {
            /// The device.
            bytes32 device;
            /// Its serial number as its files have it; zero: they have none, and then no file's is looked at.
            bytes32 serial;
        }

        /// A sector of a radio site, as it is to be.
        struct Sector {
            /// What it is called.
            bytes32 name;
            /// Hundredths of a degree from north, clockwise.
            int64 azimuth;
            /// Mechanical tilt, hundredths of a degree.
            int64 tilt;
            /// Millimetres above the ground.
            int64 heightMm;
            /// Rated power, hundredths of a dBm.
            int64 power;
        }

        /// What an order asks for: fibres, where the contract's ruleset is of fibres, or the sectors of a radio
        /// site, where it is of these. What belongs to the other stays empty or zero.
        struct Design {
            /// The cable; zero: not said.
            bytes32 cable;
            /// Fibres.
            bytes32[] fibres;
            /// Sectors.
            Sector[] sectors;
            /// The licensed band that sweeps cover, hertz; zero: not said.
            uint64 bandFromHz;
            /// Its end.
            uint64 bandToHz;
            /// Nanometres, four at most, without those that are listed nowhere.
            uint16[] wavelengths;
            /// Group indices by wavelength, 1e-5, as many as wavelengths, or none.
            uint32[] groupIndices;
            /// Whether it is measured from both ends.
            bool bidirectional;
            /// Millimetres.
            uint64 lengthMm;
            /// Splices.
            uint32 splices;
            /// Connectors at panels.
            uint32 connectors;
            /// Nanoseconds that a pulse may have; zero: any.
            uint16 pulseMaxNs;
            /// Seconds between an instrument's files at least.
            uint32 averagingMinS;
            /// The first second in which it may be measured.
            uint64 windowFrom;
            /// The last.
            uint64 windowTo;
            /// Latitude of the site, 1e-7 degrees.
            int64 latitude;
            /// Longitude.
            int64 longitude;
            /// Millimetres from it that an instrument may be; zero: not asked.
            uint64 radiusMm;
            /// Instruments.
            Instrument[] instruments;
        }

        /// A work order.
        struct Order {
            /// Its contract.
            uint64 contract_;
            /// Its milestone.
            uint16 milestone;
            /// Who issued it.
            address issuer;
            /// When.
            uint64 issuedAt;
            /// What it asks for.
            Design design;
            /// Fibres, or sectors, that are accepted.
            uint32 accepted;
            /// Fibres that were at the first try.
            uint32 first;
            /// When all were; zero: not yet.
            uint64 doneAt;
        }

        /// A fibre, or a sector, of an order.
        struct Fibre {
            /// How often it was rejected.
            uint32 attempt;
            /// What instruments sign along now.
            bytes32 nonce;
            /// What follows of its evidence.
            Verdict verdict;
            /// When it was judged; zero: not yet.
            uint64 judgedAt;
            /// Until when the certifier looks, where it is to be reviewed.
            uint64 reviewUntil;
            /// Files that are there, a bit for each: 2 × wavelength's place + 1 from end B; of a sector 1.
            uint16 files;
        }

        /// What a rule says of a fibre or a sector.
        struct Outcome {
            /// The rule.
            bytes32 rule;
            /// Nanometres; zero: of all.
            uint16 wavelength;
            /// Whether anything was measured.
            bool measured;
            /// What.
            int64 value;
            /// What is allowed.
            int64 limit;
            /// Of value, limit and margin.
            bytes32 unit;
            /// What is left up to the limit.
            int64 margin;
            /// What follows.
            RuleStatus status;
        }

        /// A piece of evidence.
        struct Evidence {
            /// Its order.
            uint64 order;
            /// Its fibre or sector.
            bytes32 fibre;
            /// The nonce that was signed along.
            bytes32 nonce;
            /// Which file of the fibre: 2 × wavelength's place + 1 from end B; of a sector 0.
            uint8 slot;
            /// The instrument.
            bytes32 device;
            /// When it was measured: by the file of a fibre, by the reading of a sector.
            uint64 time;
            /// Who brought it.
            address by;
            /// When.
            uint64 at;
            /// SHA-256 of the file.
            bytes32 file;
            /// SHA-256 of its samples, or of its sweep's points.
            bytes32 samples;
            /// What was found, a bit for each in the order of the rules' list.
            uint32 findings;
            /// 0 clean, 1 to be looked at, 2 no evidence.
            uint8 weight;
            /// The evidence whose samples these are; zero: nobody's.
            uint64 original;
        }

        /// A defect.
        struct Defect {
            /// Its contract.
            uint64 contract_;
            /// Its milestone; zero: none.
            uint16 milestone;
            /// 1 grave, 2 to be mended, 3 small.
            uint8 category;
            /// Who raised it.
            address raisedBy;
            /// When.
            uint64 raisedAt;
            /// Days to mend it.
            uint32 allowedDays;
            /// When the contractor said that it is mended; zero: not yet.
            uint64 fixedAt;
            /// When it was closed; zero: not yet.
            uint64 closedAt;
            /// Hash of what it is.
            bytes32 what;
            /// Hash of what was said last.
            bytes32 reason;
        }

        /// An inspection.
        struct Inspection {
            /// Its contract.
            uint64 contract_;
            /// Its milestone.
            uint16 milestone;
            /// When it was asked for.
            uint64 askedAt;
            /// When it is due.
            uint64 dueAt;
            /// When it was done; zero: not yet.
            uint64 doneAt;
            /// Whether it was passed.
            Answer passed;
            /// Hash of the report.
            bytes32 report;
        }

        /// A variation.
        struct Variation {
            /// Its contract.
            uint64 contract_;
            /// Who proposed it.
            address by;
            /// When.
            uint64 at;
            /// Thousandths.
            uint64 quantity;
            /// Minor units.
            uint64 rate;
            /// Whether it leaves something out.
            bool omits;
            /// Days by which what is due moves.
            uint32 extensionDays;
            /// Hash of what it is.
            bytes32 what;
            /// What the other side said.
            Answer answer;
            /// When.
            uint64 answeredAt;
            /// Why.
            bytes32 reason;
        }

        /// A payment certificate, cumulative but for the payment.
        struct Certificate {
            /// Of the bill's lines.
            int64 grossWork;
            /// Of the variations.
            int64 variations;
            /// Held back.
            int64 retention;
            /// Paid before anything was done.
            int64 advancePaid;
            /// And given back.
            int64 advanceRecovered;
            /// For delay.
            int64 damages;
            /// What all certificates so far come to.
            int64 net;
            /// What this one adds.
            int64 payment;
            /// When it was given.
            uint64 certifiedAt;
            /// When the money is due.
            uint64 dueAt;
            /// When it was paid; zero: not yet.
            uint64 paidAt;
            /// Why it is not what was applied for, where it is not.
            bytes32 reason;
        }

        /// A share of what a contractor is paid.
        struct Share {
            /// Whose.
            address subcontractor;
            /// Permille.
            uint16 permille;
            /// Whether they agreed.
            bool agreed;
        }

        /// A document's container, by ISO 19650.
        struct Container {
            /// Project.
            bytes32 project;
            /// Originator.
            bytes32 originator;
            /// Volume or system.
            bytes32 volume;
            /// Level or location.
            bytes32 level;
            /// Type.
            bytes32 kind;
            /// Role.
            bytes32 role;
            /// Number.
            bytes32 number;
        }

        /// A revision of a document.
        struct Revision {
            /// `P01`, `P01.01`, `C01`.
            bytes32 revision;
            /// `S0` to `S5`, `A1` and on.
            bytes32 status;
            /// Hash of the file.
            bytes32 content;
            /// The record that keeps it in the vault; zero: none.
            bytes32 record;
            /// Who made it.
            address by;
            /// When it was entered.
            uint64 at;
        }

        /// A document.
        struct Document {
            /// Its project in the register.
            uint64 project;
            /// Its container.
            Container container;
            /// Who entered it, and alone revises it.
            address owner;
            /// Revisions.
            uint64 revisions;
            /// The newest.
            Revision latest;
        }

        /// A revision that a transmittal hands over.
        struct Sheet {
            /// The document.
            uint64 document;
            /// Which of its revisions, from 1.
            uint64 revision;
        }

        /// A recipient of a transmittal.
        struct Receipt {
            /// Who.
            address recipient;
            /// When they acknowledged it; zero: not yet.
            uint64 acknowledgedAt;
            /// When it counts as received.
            uint64 receivedAt;
        }

        /// A transmittal.
        struct Transmittal {
            /// Its project.
            uint64 project;
            /// Who sent it.
            address by;
            /// When.
            uint64 at;
            /// What for: `information`, `review`, `approval`, `construction`, `as-built`.
            bytes32 reason;
            /// What.
            Sheet[] sheets;
            /// To whom.
            Receipt[] receipts;
        }

        /// A notice.
        struct Notice {
            /// Its contract.
            uint64 contract_;
            /// What it is.
            NoticeKind kind;
            /// Who gave it.
            address from;
            /// Who is to answer.
            address to;
            /// When it was given.
            uint64 at;
            /// When who gave it knew.
            uint64 aware;
            /// The notice that it goes with; zero: none.
            uint64 about;
            /// Hash of what it says.
            bytes32 content;
            /// When it was acknowledged; zero: not yet.
            uint64 acknowledgedAt;
            /// When it counts as received.
            uint64 receivedAt;
            /// By when it is to be answered.
            uint64 replyDue;
            /// The answer.
            Answer answer;
            /// When.
            uint64 answeredAt;
            /// Hash of it.
            bytes32 answerContent;
            /// What silence means now, as `Silence` and one more; zero: nothing.
            uint8 silence;
        }

        /// A page of the site diary.
        struct DiaryPage {
            /// Days since 1970.
            uint32 day;
            /// People on site.
            uint16 crew;
            /// Machines.
            uint16 plant;
            /// Weather by WMO code 4677.
            uint8 weather;
            /// Who wrote it.
            address by;
            /// When it was entered.
            uint64 at;
            /// Hash of it.
            bytes32 content;
        }

        /// A fact about somebody, from an act on this ledger.
        struct Fact {
            /// Its number among the subject's, from 1.
            uint64 number;
            /// As what.
            Part part;
            /// Which of the part's dimensions.
            uint8 dimension;
            /// Basis points.
            uint16 outcome;
            /// Minor units.
            uint64 value;
            /// 3 by a device and a rule, 2 by both or a supervisor, 1 by one counterparty, 0 by the subject.
            uint8 verification;
            /// When.
            uint64 time;
            /// With whom.
            address counterparty;
            /// Their beneficial owner.
            bytes32 group;
            /// What it comes of.
            Kind source;
            /// Which.
            uint64 item;
            /// How it stands.
            FactState state;
        }

        /// A score.
        struct Score {
            /// 0 to 1000.
            uint64 score;
            /// A thousand times finer.
            uint64 micro;
            /// How much of what may be known is known, 0 to 1000.
            uint64 coverage;
            /// Counterparties that weigh something.
            uint64 counterparties;
            /// `AAA` to `D`, or `NR`.
            bytes32 grade;
            /// After flags.
            uint64 afterFlags;
            /// If all appeals were lost.
            uint64 ifLost;
            /// If all were won.
            uint64 ifWon;
            /// Facts that do not count yet.
            uint64 pending;
            /// Means by dimension, basis points.
            uint64[] means;
        }

        /// What a fact does to a score.
        struct Effect {
            /// The fact.
            Fact fact;
            /// By how many thousandths of a point the score would be less without it.
            int64 delta;
        }

        /// An appeal against a fact.
        struct Appeal {
            /// About whom.
            address subject;
            /// Which fact.
            uint64 fact;
            /// When.
            uint64 at;
            /// Hash of the grounds.
            bytes32 grounds;
            /// Members' votes: upheld, overturned, amended.
            uint8[3] votes;
            /// What became of it.
            FactState state;
            /// When.
            uint64 decidedAt;
        }

        /// A party was admitted, or its standing changed.
        event PartyEnrolled(address indexed account, bytes32 indexed group, bytes32 credentials, uint64 until);
        /// A project was opened.
        event ProjectOpened(uint64 indexed number, address indexed owner, string title);
        /// A package was added.
        event PackageAdded(uint64 indexed number, uint64 indexed project, string title);
        /// A tender was opened.
        event TenderOpened(uint64 indexed number, uint64 indexed package, uint64 deadline, bytes32 documents);
        /// Somebody bids. `sealed` opens for everybody after the deadline.
        event BidMade(uint64 indexed tender, address indexed bidder, bytes32 commitment, bytes sealedBid);
        /// A bid was laid open.
        event BidOpened(uint64 indexed tender, address indexed bidder, bytes32 salt, bytes bid);
        /// A tender went to somebody.
        event TenderAwarded(uint64 indexed tender, address indexed bidder, bytes32 reason);
        /// A ruleset can be pinned.
        event RulesetRegistered(bytes32 indexed ruleset);
        /// A contract is offered.
        event ContractOffered(
            uint64 indexed number,
            address indexed owner,
            address indexed contractor,
            address certifier,
            bytes32 ruleset,
            bytes32 documents
        );
        /// A contract binds.
        event ContractAccepted(uint64 indexed number, uint64 sum);
        /// A subcontractor is offered a share, or agreed to it.
        event SubcontractorNamed(uint64 indexed number, address indexed subcontractor, uint16 permille, bool agreed);
        /// Money was set aside.
        event Funded(uint64 indexed number, uint256 amount);
        /// A work order was issued.
        event OrderIssued(uint64 indexed number, uint64 indexed contract_, uint16 milestone, uint64 fibres);
        /// Evidence came in.
        event EvidenceTaken(
            uint64 indexed number,
            uint64 indexed order,
            bytes32 indexed fibre,
            uint8 slot,
            bytes32 device,
            bytes32 file,
            uint32 findings,
            uint8 weight
        );
        /// What a rule says.
        event RuleApplied(uint64 indexed order, bytes32 indexed fibre, uint32 attempt, Outcome outcome);
        /// A fibre was judged, by the rules or by the certifier.
        event FibreJudged(uint64 indexed order, bytes32 indexed fibre, uint32 attempt, Verdict verdict, bytes32 reason);
        /// All fibres of an order are accepted.
        event OrderDone(uint64 indexed number, uint32 fibres, uint32 first);
        /// A milestone stands otherwise.
        event MilestoneMoved(
            uint64 indexed contract_, uint16 indexed milestone, MilestoneState state, address by, bytes32 reason
        );
        /// Somebody signed.
        event Signed(uint64 indexed contract_, uint16 indexed milestone, address indexed by, uint8 role);
        /// All milestones are done.
        event ContractCompleted(uint64 indexed number);
        /// An inspection is asked for.
        event InspectionAsked(uint64 indexed number, uint64 indexed contract_, uint16 milestone, uint64 dueAt);
        /// It was done.
        event Inspected(uint64 indexed number, bool passed, bytes32 report);
        /// A defect was raised.
        event DefectRaised(
            uint64 indexed number, uint64 indexed contract_, uint16 milestone, uint8 category, uint32 allowedDays, bytes32 what
        );
        /// The contractor says that it is mended.
        event DefectFixed(uint64 indexed number);
        /// It is closed, or was not mended.
        event DefectAnswered(uint64 indexed number, bool closed, bytes32 reason);
        /// A variation is proposed.
        event VariationProposed(uint64 indexed number, uint64 indexed contract_, address indexed by);
        /// It was answered.
        event VariationAnswered(uint64 indexed number, bool accepted, bytes32 reason);
        /// The contractor applies for payment.
        event PaymentApplied(uint64 indexed contract_, uint16[] done);
        /// A payment certificate.
        event PaymentCertified(uint64 indexed contract_, uint64 indexed number, int64 net, int64 payment, uint64 dueAt);
        /// It was paid.
        event Paid(uint64 indexed contract_, uint64 indexed number, uint64 minor, uint256 units);
        /// What an escrow held too much was given back.
        event Refunded(uint64 indexed contract_, uint256 units);
        /// A document was entered, or revised.
        event DocumentRevised(
            uint64 indexed number, uint64 indexed project, address indexed by, bytes32 revision, bytes32 status, bytes32 content
        );
        /// Documents were handed over.
        event Transmitted(uint64 indexed number, uint64 indexed project, address indexed by, bytes32 reason);
        /// A transmittal was acknowledged.
        event Acknowledged(uint64 indexed number, address indexed recipient);
        /// A notice was given.
        event NoticeGiven(
            uint64 indexed number, uint64 indexed contract_, address indexed from, NoticeKind kind, bytes32 content
        );
        /// It was acknowledged.
        event NoticeAcknowledged(uint64 indexed number);
        /// It was answered.
        event NoticeAnswered(uint64 indexed number, bool accepted, bytes32 content);
        /// It was not answered in time.
        event NoticeLapsed(uint64 indexed number, Silence silence);
        /// A page was written.
        event DiaryWritten(uint64 indexed contract_, uint32 indexed day, address by, bytes32 content);
        /// A fact, from which credit is computed.
        event FactStated(
            address indexed subject,
            uint64 indexed number,
            Part part,
            uint8 dimension,
            uint16 outcome,
            uint64 value,
            uint8 verification,
            address counterparty,
            Kind source,
            uint64 item
        );
        /// Somebody appeals against a fact.
        event Appealed(uint64 indexed number, address indexed subject, uint64 indexed fact, bytes32 grounds);
        /// An appeal is decided.
        event AppealDecided(uint64 indexed number, FactState state, uint16 outcome);
        /// What somebody's word counts as a counterparty from the next epoch on.
        event CreditSettled(address indexed party, uint64 epoch, uint64 score, uint32 credibility);
        /// What was awarded of a disputed claim is stated; it stands when owner and contractor state the same, or
        /// two members do.
        event AwardStated(
            uint64 indexed claim, uint64 indexed contract_, address indexed by, uint16 share, bytes32 award, bool stands
        );
        /// Evidence of somebody is proven to be forged, by members.
        event ForgeryStated(address indexed party, uint64 evidence, uint64 time);

        /// There is no such thing.
        error Unknown(Kind what, uint64 number);
        /// The caller does not act for who may do this.
        error NotYours(Kind what, uint64 number, address caller);
        /// It does not stand so that this could be done.
        error UnfitState(Kind what, uint64 number);
        /// The account is no party, or its credentials have run out.
        error NotAParty(address account);
        /// The caller acts for no member of the consortium.
        error NotMember(address caller);
        /// A list has too few or too many entries.
        error UnfitCount(uint256 given, uint256 max);
        /// A figure that cannot be meant so.
        error UnfitFigure(bytes32 what, uint256 given);
        /// A text that is empty, too long or not plain.
        error UnfitText(bytes32 what);
        /// A decision against somebody has a reason.
        error NoReason();
        /// A time that cannot be meant so.
        error UnfitTime(uint64 time, uint64 now);
        /// The deadline has passed: no bid is taken any more.
        error BidsClosed(uint64 deadline, uint64 now);
        /// Bids stay shut until the deadline has passed and the network has opened its time.
        error BidsShut(uint64 deadline, uint64 now);
        /// This is not the bid that the bidder bound itself to.
        error FalseBid(bytes32 commitment);
        /// The owner's own group does not bid.
        error OwnTender(address bidder);
        /// The contractor agrees to another sum than the contract has.
        error OtherSum(uint64 agreed, uint64 sum);
        /// No such ruleset is registered.
        error UnknownRuleset(bytes32 ruleset);
        /// The text is no ruleset of ARL-1, or not of what is to be judged by it.
        error MalformedRuleset(uint32 line, string what);
        /// The reading is no reading, or does not say what evidence says.
        error MalformedReading(bytes32 missing);
        /// The order asked for another nonce.
        error WrongNonce(bytes32 given, bytes32 asked);
        /// The nonce was used for this already.
        error NonceUsed(bytes32 nonce, uint8 slot);
        /// The instrument is not of the order.
        error WrongInstrument(bytes32 device);
        /// The instrument is revoked, or was not enrolled when it measured.
        error InstrumentRevoked(bytes32 device);
        /// The instrument's calibration has run out.
        error OutOfCalibration(bytes32 device, uint64 time);
        /// The instrument was elsewhere.
        error WrongSite(uint64 distanceMm, uint64 radiusMm);
        /// The time lies in the future.
        error FutureTime(uint64 time, uint64 now);
        /// The instrument's counter, or its clock, did not go forward.
        error OldReading(bytes32 device, uint64 counter, uint64 last);
        /// Sooner after the instrument's last than it averages.
        error TooSoon(bytes32 device, uint64 time, uint64 last);
        /// The file is not the one that was signed.
        error WrongFile(bytes32 signed_, bytes32 given);
        /// The file cannot be read.
        error UnreadableFile(string why);
        /// The file is of another fibre or wavelength than what was signed.
        error WrongTrace(bytes32 what);
        /// The milestone has an objection window, and it is open until then.
        error WindowOpen(uint64 until);
        /// The milestone's objection window is over.
        error WindowOver(uint64 until);
        /// Orders that are not accepted, or grave defects, stand against a milestone.
        error NotDone(uint32 orders, uint32 accepted, uint32 graveDefects);
        /// Certified would be more than the contract sum and its variations.
        error AboveContractSum(uint64 line, int64 gross, int64 max);
        /// Nothing of a line is paid before its milestone is certified.
        error MilestoneOpen(uint64 line, uint16 milestone);
        /// Progress is cumulative.
        error Backwards(uint64 line);
        /// A figure that no money has.
        error Overflow();
        /// Certificates are paid in their order.
        error NotNext(uint64 number, uint64 next);
        /// Defects are open.
        error DefectsOpen(uint32 open);
        /// A claim comes after its bar: the right is lost.
        error PastBar(uint64 bar, uint64 now);
        /// A revision or a status that the register does not take.
        error UnfitRevision(bytes32 revision, bytes32 status);
        /// The container is in the register.
        error DocumentExists(uint64 number);
        /// It was said already.
        error AlreadySaid(Kind what, uint64 number);
        /// The time for an appeal is over.
        error AppealOver(uint64 until, uint64 now);
        /// Who has a part in it does not decide.
        error Partial(address member);

        /// Admits a party, or changes its standing. Its group stays what it is. For members.
        function enrolParty(address account, bytes32 group, bytes32 credentials, uint64 until) external;
        /// Opens a project of the caller's.
        function openProject(string calldata title) external returns (uint64 number);
        /// Adds a package to a project.
        function addPackage(uint64 project, string calldata title) external returns (uint64 number);

        /// Opens a tender: bids until `deadline`, sealed to it; laid open until `openingUntil`.
        function openTender(uint64 package, bytes32 documents, uint64 deadline, uint64 openingUntil)
            external returns (uint64 number);
        /// Bids, or makes one's bid anew: what binds, and the bid sealed to the deadline.
        function bid(uint64 tender, bytes32 commitment, bytes calldata sealedBid) external;
        /// Lays a bid open, once the deadline has passed and the network has opened it. Anybody may.
        function openBid(uint64 tender, address bidder, bytes32 salt, bytes calldata bid) external;
        /// Awards a tender to one of the open bids.
        function award(uint64 tender, address bidder, bytes32 reason) external;

        /// Registers a ruleset, a text of ARL-1, that contracts pin by the text's keccak-256.
        function registerRuleset(string calldata ruleset) external returns (bytes32 hash);
        /// Offers a contract.
        function formContract(NewContract calldata offer) external returns (uint64 number);
        /// Adds lines to the bill of a contract that is offered. `done` is zero.
        function addLines(uint64 number, Line[] calldata lines) external;
        /// Adds milestones to a contract that is offered.
        function addMilestones(uint64 number, NewMilestone[] calldata milestones) external;
        /// Agrees to a contract, as its contractor. It binds from here on.
        function acceptContract(uint64 number, uint64 sum) external;
        /// Names a subcontractor that gets a share of every payment, as the contractor.
        function nameSubcontractor(uint64 number, address subcontractor, uint16 permille) external;
        /// Agrees to a share.
        function agreeShare(uint64 number) external;
        /// Sets the owner's money aside for a contract, as far as the owner lets this module.
        function fund(uint64 number, uint256 amount) external;
        /// Gives back to the owner what is set aside, once the contract is closed and paid.
        function refund(uint64 number) external;

        /// Issues a work order, as owner or certifier: of fibres or of sectors, as the contract's ruleset is.
        function issueOrder(uint64 contract_, uint16 milestone, Design calldata design)
            external returns (uint64 number);
        /// Brings evidence: a reading that the instrument signed, and the raw file (a trace, or the sweep of a
        /// sector).
        function submitEvidence(uint64 order, bytes calldata reading, bytes calldata file)
            external returns (uint64 number, uint8 weight, Verdict verdict);
        /// Decides about a fibre that is to be reviewed, as certifier.
        function decideReview(uint64 order, bytes32 fibre, bool accept, bytes32 reason) external;

        /// Says that a milestone is done, as contractor.
        function claimMilestone(uint64 contract_, uint16 milestone) external;
        /// Objects to a claimed milestone within its window, as owner or certifier.
        function objectTo(uint64 contract_, uint16 milestone, bytes32 rule, bytes32 reason) external;
        /// Signs a claimed milestone, or refuses to with a reason.
        function signMilestone(uint64 contract_, uint16 milestone, bool approve, bytes32 reason) external;
        /// Certifies a tested milestone whose window went by without an objection. Anybody may.
        function settleMilestone(uint64 contract_, uint16 milestone) external;

        /// Asks for an inspection, as contractor.
        function askInspection(uint64 contract_, uint16 milestone, uint64 dueAt) external returns (uint64 number);
        /// Says what an inspection found, as certifier.
        function inspect(uint64 number, bool passed, bytes32 report) external;
        /// Raises a defect, as owner or certifier.
        function raiseDefect(uint64 contract_, uint16 milestone, uint8 category, uint32 allowedDays, bytes32 what)
            external returns (uint64 number);
        /// Says that a defect is mended, as contractor.
        function fixDefect(uint64 number) external;
        /// Closes a mended defect, or says why it is not, as owner or certifier.
        function answerDefect(uint64 number, bool closed, bytes32 reason) external;
        /// Proposes a variation, as owner or contractor.
        function proposeVariation(
            uint64 contract_, uint64 quantity, uint64 rate, bool omits, uint32 extensionDays, bytes32 what
        ) external returns (uint64 number);
        /// Answers a variation, as the other side.
        function answerVariation(uint64 number, bool accept, bytes32 reason) external;

        /// Applies for payment: permille of each line, cumulative.
        function applyForPayment(uint64 contract_, uint16[] calldata done) external;
        /// Certifies payment, as certifier; with a reason where it is not what was applied for.
        function certifyPayment(uint64 contract_, uint16[] calldata done, bytes32 reason)
            external returns (uint64 number, int64 payment);
        /// Pays the next certificate from what is set aside: subcontractors and contractor at once. Anybody may.
        function pay(uint64 contract_, uint64 number) external;
        /// Certifies the retention, when the days for defects are over and none is open. Anybody may.
        function releaseRetention(uint64 contract_) external returns (uint64 number);

        /// Enters a document.
        function addDocument(uint64 project, Container calldata container, Revision calldata first)
            external returns (uint64 number);
        /// Enters a revision of it.
        function reviseDocument(uint64 number, Revision calldata revision) external;
        /// Hands documents over.
        function transmit(uint64 project, bytes32 reason, Sheet[] calldata sheets, address[] calldata recipients)
            external returns (uint64 number);
        /// Acknowledges a transmittal.
        function acknowledge(uint64 number) external;
        /// Gives a notice; a claim no later than its bar.
        function giveNotice(
            uint64 contract_, NoticeKind kind, address to, uint64 aware, uint64 about, bytes32 content
        ) external returns (uint64 number);
        /// Acknowledges a notice.
        function acknowledgeNotice(uint64 number) external;
        /// Answers a notice.
        function answerNotice(uint64 number, bool accept, bytes32 content) external;
        /// Says that a notice was not answered in time: silence means what the contract says. Anybody may.
        function lapseNotice(uint64 number) external;
        /// Writes a page of the site diary. Nothing is ever taken out.
        function writeDiary(
            uint64 contract_, uint32 day, uint16 crew, uint16 plant, uint8 weather, bytes32 content
        ) external;

        /// Appeals against a fact about oneself, within fourteen days.
        function appeal(uint64 fact, bytes32 grounds) external returns (uint64 number);
        /// Votes on an appeal, as a member that has no part in it: `Upheld`, `Overturned`, or `Amended` to an
        /// outcome. Two votes that say the same decide; nobody's for thirty days upholds.
        function voteAppeal(uint64 number, FactState state, uint16 outcome) external;
        /// Writes down what a party's word counts as a counterparty from the next epoch on. Anybody may.
        function settleCredit(address party, Part part) external;
        /// States what was awarded of a claim that was refused or not answered: the contractor's share of what was in
        /// dispute, in permille, and the award's hash. As owner or contractor, or as a member that has no part in it.
        function stateAward(uint64 claim, uint16 share, bytes32 award) external returns (bool stands);
        /// States, as a member, that evidence was forged by who brought it. Two members' words cap the score.
        function stateForgery(uint64 evidence) external;

        /// A party.
        function party(address account) external view returns (Party memory found);
        /// A project.
        function project(uint64 number) external view returns (address owner, uint64 openedAt, string memory title);
        /// A package.
        function package(uint64 number)
            external view returns (uint64 project, uint64 tender, uint64 contract_, string memory title);
        /// A tender.
        function tender(uint64 number) external view returns (Tender memory found);
        /// Up to `max` bids of a tender (100 at most) from number `from` on, and how many there are.
        function bids(uint64 number, uint64 from, uint64 max) external view returns (Bid[] memory page, uint64 total);
        /// A ruleset's text.
        function ruleset(bytes32 hash) external view returns (string memory text);
        /// A contract.
        function contractOf(uint64 number) external view returns (Contract memory found);
        /// Lines of its bill.
        function lines(uint64 number, uint64 from, uint64 max) external view returns (Line[] memory page, uint64 total);
        /// Its milestones.
        function milestones(uint64 number, uint64 from, uint64 max)
            external view returns (Milestone[] memory page, uint64 total);
        /// Its subcontractors.
        function shares(uint64 number) external view returns (Share[] memory all);
        /// Its certificates.
        function certificates(uint64 number, uint64 from, uint64 max)
            external view returns (Certificate[] memory page, uint64 total);
        /// Its diary.
        function diary(uint64 number, uint64 from, uint64 max)
            external view returns (DiaryPage[] memory page, uint64 total);
        /// A work order.
        function orderOf(uint64 number) external view returns (Order memory found);
        /// A fibre, or a sector, of an order.
        function fibre(uint64 order, bytes32 name) external view returns (Fibre memory found);
        /// What every rule says of a fibre or a sector, by the evidence that is there.
        function outcomes(uint64 order, bytes32 name) external view returns (Verdict verdict, Outcome[] memory all);
        /// A piece of evidence.
        function evidence(uint64 number) external view returns (Evidence memory found);
        /// A defect.
        function defect(uint64 number) external view returns (Defect memory found);
        /// An inspection.
        function inspection(uint64 number) external view returns (Inspection memory found);
        /// A variation.
        function variation(uint64 number) external view returns (Variation memory found);
        /// A document.
        function document(uint64 number) external view returns (Document memory found);
        /// Its revisions.
        function revisions(uint64 number, uint64 from, uint64 max)
            external view returns (Revision[] memory page, uint64 total);
        /// A transmittal.
        function transmittal(uint64 number) external view returns (Transmittal memory found);
        /// A notice.
        function notice(uint64 number) external view returns (Notice memory found);
        /// Somebody's score now.
        function credit(address party, Part part) external view returns (Score memory found);
        /// Facts about somebody.
        function facts(address party, uint64 from, uint64 max) external view returns (Fact[] memory page, uint64 total);
        /// What each of these facts does to the score now.
        function explain(address party, Part part, uint64 from, uint64 max)
            external view returns (Effect[] memory page, uint64 total);
        /// An appeal.
        function appealOf(uint64 number) external view returns (Appeal memory found);
        /// What was awarded of a claim, and since when that stands; zero: nothing does.
        function awardOf(uint64 claim) external view returns (uint16 share, bytes32 award, uint64 at);
        /// Numbers of things of one kind that belong to something: packages, documents and transmittals of a
        /// project; tenders of a package; orders, defects, inspections, variations and notices of a contract;
        /// evidence of an order.
        function numbersOf(Kind what, uint64 item, uint64 from, uint64 max)
            external view returns (uint64[] memory page, uint64 total);
        /// Numbers of projects, contracts, bids' tenders, transmittals, notices and appeals that somebody has a
        /// part in.
        function numbersBy(Kind what, address who, uint64 from, uint64 max)
            external view returns (uint64[] memory page, uint64 total);
        /// How many there are of a kind.
        function count(Kind what) external view returns (uint64 total);
    }
}
