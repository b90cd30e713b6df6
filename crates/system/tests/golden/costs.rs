//! What the messages cost: gas, and how often a member that has nothing in memory stops to load
//! state. A change of either shows in the diff.

use std::fmt::Write as _;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use commonhold_module::bench::{self, Bench, account, genesis};
use commonhold_primitives::system::{ACCOUNTS, DEVICES, MEMBERS, RECORDS, TOKEN};
use commonhold_reading::{Algorithm, DeviceSecret, Envelope, Reading, Record, Value};
use commonhold_system::{
    accounts::{interface::IAccounts, roles},
    devices::interface::IDevices,
    members::{forms, interface::IMembers},
    records::interface::IRecords,
    token::interface::IToken::{self, Share},
};

struct Table {
    bench: Bench,
    text: String,
}

impl Table {
    fn line<C: SolCall>(&mut self, what: &str, to: Address, call: C) -> C::Return {
        self.line_of(account(1), what, to, call)
    }

    fn line_of<C: SolCall>(
        &mut self,
        from: Address,
        what: &str,
        to: Address,
        call: C,
    ) -> C::Return {
        let answer = self.bench.send(from, to, call).unwrap();
        self.note(what);
        answer
    }

    /// Notes what the last call cost.
    fn note(&mut self, what: &str) {
        let (gas, stops) = (self.bench.gas_used(), self.bench.stops());
        writeln!(self.text, "{what:<32} {gas:>8} gas {stops:>3} stops").unwrap();
    }
}

/// The table, as text.
pub(crate) fn table() -> String {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(4)).unwrap();
    let mut table = Table {
        bench,
        text: String::new(),
    };

    let name = "Anna Huber".to_owned();
    let key = B256::repeat_byte(2);
    table.line(
        "accounts.register",
        ACCOUNTS,
        IAccounts::registerCall {
            name,
            encryptionKey: key,
        },
    );
    let name = "Anna Huber-Meier".to_owned();
    table.line("accounts.rename", ACCOUNTS, IAccounts::renameCall { name });
    let key = B256::repeat_byte(3);
    table.line(
        "accounts.rotateEncryptionKey",
        ACCOUNTS,
        IAccounts::rotateEncryptionKeyCall { key },
    );
    let handle = "anna".to_owned();
    table.line(
        "accounts.claimHandle",
        ACCOUNTS,
        IAccounts::claimHandleCall { handle },
    );
    table.line(
        "accounts.releaseHandle",
        ACCOUNTS,
        IAccounts::releaseHandleCall {},
    );

    roles(&mut table);
    guardians(&mut table);
    members(&mut table);

    let content = |n| IRecords::Registration {
        salt: B256::ZERO,
        contentHash: B256::repeat_byte(n),
        length: 1_000,
        kind: "application/fhir+json".to_owned(),
        sealedKeyHash: B256::ZERO,
        policy: Address::ZERO,
        custodian: account(2),
    };
    let register = |n| IRecords::registerCall {
        registration: content(n),
    };
    let first = table.line("records.register, first", RECORDS, register(1));
    let id = table.line("records.register, further", RECORDS, register(2));
    let supersede = IRecords::supersedeCall {
        oldId: first,
        registration: content(3),
    };
    table.line("records.supersede", RECORDS, supersede);
    let grantee = account(9);
    let grant = |until| IRecords::grantCall {
        id,
        grantee,
        notBefore: 0,
        until,
        uses: 0,
        headerHash: B256::repeat_byte(4),
    };
    table.line("records.grant", RECORDS, grant(0));
    table.line("records.grant, renewed", RECORDS, grant(u64::MAX));
    let purpose = B256::repeat_byte(5);
    table.line(
        "records.declareOpened",
        RECORDS,
        IRecords::declareOpenedCall { id, purpose },
    );
    table.line(
        "records.requestOpening",
        RECORDS,
        IRecords::requestOpeningCall {
            id,
            purpose,
            readerKey: B256::repeat_byte(6),
        },
    );
    table.line(
        "records.mayOpen",
        RECORDS,
        IRecords::mayOpenCall {
            id,
            who: grantee,
            at: 0,
        },
    );
    table.line("records.record", RECORDS, IRecords::recordCall { id });
    table.line(
        "records.revoke",
        RECORDS,
        IRecords::revokeCall { id, grantee },
    );
    table.line("records.keepers", RECORDS, IRecords::keepersCall { id });
    table.line("records.erase", RECORDS, IRecords::eraseCall { id });
    token(&mut table);
    devices(&mut table);
    table.text
}

fn members(table: &mut Table) {
    let (name, endpoint, joins) = ("Valley Hospital", "valley.example:9000", account(9));
    let node = DeviceSecret::from_bytes(Algorithm::Ed25519, &[9; 32]).unwrap();
    let key = B256::from_slice(node.key().bytes());
    let hash = forms::admission(1_337, name, key, endpoint, joins);
    let proof = node.sign(&forms::proof_message(hash));
    let reason = "runs the hospital of the valley".to_owned();
    let propose = IMembers::proposeAdmissionCall {
        name: name.to_owned(),
        publicKey: key,
        endpoint: endpoint.to_owned(),
        account: joins,
        proof: Bytes::copy_from_slice(&proof),
        reason: reason.clone(),
    };
    let id = table.line("members.proposeAdmission", MEMBERS, propose);
    let vote = |id| IMembers::voteCall {
        id,
        approve: true,
        reason: "as agreed".to_owned(),
    };
    table.line_of(account(2), "members.vote", MEMBERS, vote(id));
    table.line_of(account(3), "members.vote, admits", MEMBERS, vote(id));
    let number = 3;
    let expel = IMembers::proposeExpulsionCall { number, reason };
    let id = table.line("members.proposeExpulsion", MEMBERS, expel);
    table.bench.send(account(2), MEMBERS, vote(id)).unwrap();
    table.line_of(account(3), "members.vote, expels", MEMBERS, vote(id));
    let epoch = 2;
    let committee = IMembers::committeeOfCall { epoch };
    table.line("members.committeeOf", MEMBERS, committee);
}

fn roles(table: &mut Table) {
    let (role, until) = (roles::RESEARCHER, 2_000_000);
    let (account, member) = (account(9), 0);
    let delegate = IAccounts::delegateCall {
        account,
        role,
        until,
    };
    table.line("accounts.delegate", ACCOUNTS, delegate);
    let undelegate = IAccounts::undelegateCall { account, role };
    table.line("accounts.undelegate", ACCOUNTS, undelegate);
    let attest = |member, until| IAccounts::attestCall {
        member,
        account,
        role,
        notBefore: 0,
        until,
        evidence: B256::repeat_byte(7),
    };
    table.line("accounts.attest", ACCOUNTS, attest(0, until));
    table.line("accounts.attest, renewed", ACCOUNTS, attest(0, 0));
    let other = bench::account(2);
    table.line_of(other, "accounts.attest, another", ACCOUNTS, attest(1, 0));
    let ask = IAccounts::mayActAsCall {
        account,
        role,
        at: 0,
    };
    table.line("accounts.mayActAs", ACCOUNTS, ask);
    let withdraw = IAccounts::withdrawCall {
        member,
        account,
        role,
        reason: B256::ZERO,
    };
    table.line("accounts.withdraw", ACCOUNTS, withdraw);
    let renounce = IAccounts::renounceCall { role };
    table.line_of(account, "accounts.renounce", ACCOUNTS, renounce);
}

fn guardians(table: &mut Table) {
    let (ward, guardian, proxy) = (account(10), account(11), account(12));
    let name = IAccounts::nameGuardianCall {
        guardian: proxy,
        notBefore: 0,
        until: 0,
    };
    table.line_of(ward, "accounts.nameGuardian", ACCOUNTS, name);
    let attest = |member| IAccounts::attestGuardianCall {
        member,
        ward,
        guardian,
        notBefore: 0,
        until: 2_000_000,
        evidence: B256::ZERO,
    };
    table.line("accounts.attestGuardian", ACCOUNTS, attest(0));
    let what = "accounts.attestGuardian, 2nd";
    table.line_of(account(2), what, ACCOUNTS, attest(1));
    for (what, actor) in [("guardian", guardian), ("proxy", proxy)] {
        let ask = IAccounts::mayActForCall {
            actor,
            subject: ward,
            at: 0,
        };
        table.line(&format!("accounts.mayActFor, {what}"), ACCOUNTS, ask);
    }
    let withdraw = IAccounts::withdrawGuardianCall {
        member: 0,
        ward,
        guardian,
        reason: B256::ZERO,
    };
    table.line("accounts.withdrawGuardian", ACCOUNTS, withdraw);
    let end = IAccounts::endGuardianshipCall { ward, guardian };
    table.line_of(guardian, "accounts.endGuardianship", ACCOUNTS, end);
}

fn token(table: &mut Table) {
    let (own, other) = (account(1), account(9));
    let amount = U256::from(1_000_000_000_000u64);
    let propose = IToken::proposeIssueCall {
        to: own,
        amount,
        reason: "paid in, statement 17".to_owned(),
    };
    let number = table.line("token.proposeIssue", TOKEN, propose);
    let mut approve = |member, what: &str| {
        let call = IToken::approveIssueCall { number };
        table.bench.send(member, TOKEN, call).unwrap();
        table.note(what);
    };
    approve(account(2), "token.approveIssue");
    approve(account(3), "token.approveIssue, decides");
    let value = U256::from(1_000);
    let transfer = IToken::transferCall { to: other, value };
    table.line("token.transfer, first", TOKEN, transfer.clone());
    table.line("token.transfer", TOKEN, transfer);
    let allow = |spender| IToken::approveCall {
        spender,
        value: amount,
    };
    table.line("token.approve", TOKEN, allow(own));
    let (from, to) = (own, other);
    table.line(
        "token.transferFrom",
        TOKEN,
        IToken::transferFromCall { from, to, value },
    );
    let hold = |salt| IToken::holdCall {
        salt: B256::repeat_byte(salt),
        payer: own,
        controller: own,
        amount: U256::from(100_000),
        deadline: 0,
    };
    table.line("token.hold, first", TOKEN, hold(1));
    let id = table.line("token.hold", TOKEN, hold(2));
    let add = IToken::addCall { id, amount: value };
    table.line("token.add", TOKEN, add);
    let release = IToken::releaseCall {
        id,
        to: other,
        amount: value,
    };
    table.line("token.release", TOKEN, release);
    let shares = (10..20)
        .map(|n| Share {
            to: account(n),
            amount: value,
        })
        .collect();
    table.line(
        "token.split, ten strangers",
        TOKEN,
        IToken::splitCall { id, shares },
    );
    let refund = IToken::refundCall { id, amount: value };
    table.line("token.refund", TOKEN, refund);
    let mark = B256::ZERO;
    let redeem = IToken::redeemCall {
        amount: value,
        mark,
    };
    table.line("token.redeem", TOKEN, redeem);
}

fn devices(table: &mut Table) {
    let owner = account(1);
    let secret = DeviceSecret::from_bytes(Algorithm::P256, &[1; 32]).unwrap();
    let message = secret.key().enrolment(1_337, DEVICES, owner);
    let enrol = IDevices::enrolCall {
        algorithm: Algorithm::P256.number(),
        key: Bytes::copy_from_slice(secret.key().bytes()),
        model: "Meter 3000".to_owned(),
        calibratedUntil: 0,
        proof: Bytes::copy_from_slice(&secret.sign(message.as_slice())),
    };
    let device = table.line("devices.enrol", DEVICES, enrol);
    let source = IDevices::enrolSourceCall {
        gateway: device,
        name: "plug".to_owned(),
        model: "Plug".to_owned(),
        calibratedUntil: 0,
    };
    table.line("devices.enrolSource", DEVICES, source);
    let calibrate = IDevices::calibrateCall {
        device,
        until: u64::MAX,
        certificate: B256::repeat_byte(7),
    };
    table.line("devices.calibrate", DEVICES, calibrate);
    let open = IDevices::openStreamCall {
        name: "home".to_owned(),
        gateway: owner,
    };
    let stream = table.line("devices.openStream", DEVICES, open);
    let assign = IDevices::assignCall { device, stream };
    table.line("devices.assign", DEVICES, assign);
    let share = IDevices::shareCall {
        stream,
        grantee: account(9),
        fromDay: 11,
        untilDay: 0,
    };
    table.line("devices.share", DEVICES, share);
    let from = 11 * 86_400_000;
    let batch = |n| IDevices::Batch {
        stream,
        day: 11,
        root: B256::repeat_byte(n),
        count: 8_192,
        from,
        to: from + 1,
        contentHash: B256::repeat_byte(n),
        contentLength: 1_000_000,
        sealedKeyHash: B256::repeat_byte(9),
        salt: B256::repeat_byte(n),
        custodian: account(1),
    };
    let anchor = |numbers: std::ops::Range<u8>| IDevices::anchorCall {
        batches: numbers.map(batch).collect(),
    };
    table.line("devices.anchor, first of a day", DEVICES, anchor(100..101));
    table.line("devices.anchor, further", DEVICES, anchor(101..102));
    let ids = table.line("devices.anchor, twenty-four", DEVICES, anchor(102..126));
    let ask = IDevices::requestOpeningCall {
        id: ids.first().copied().unwrap(),
        purpose: B256::ZERO,
        readerKey: B256::repeat_byte(6),
    };
    table.line("devices.requestOpening", DEVICES, ask);
    let record = Record {
        name: "power".to_owned(),
        unit: None,
        value: Value::integer(1),
        offset: 0,
    };
    let reading = Reading {
        counter: 1,
        time: 1,
        pack: vec![record],
        nonce: None,
        origin: None,
    };
    let signed = Envelope::sign(&secret, reading).unwrap();
    let check = IDevices::checkReadingCall {
        reading: Bytes::copy_from_slice(signed.bytes()),
    };
    table.line("devices.checkReading", DEVICES, check);
    let grantee = account(9);
    let unshare = IDevices::unshareCall { stream, grantee };
    table.line("devices.unshare", DEVICES, unshare);
    let close = IDevices::closeStreamCall { stream };
    table.line("devices.closeStream", DEVICES, close);
    let reason = B256::ZERO;
    let revoke = IDevices::revokeCall { device, reason };
    table.line("devices.revoke", DEVICES, revoke);
}
