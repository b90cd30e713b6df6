//! Anna registers her records and decides who opens them.

mod asking;
mod erasing;
mod opening;
mod registering;

use alloy_primitives::{Address, B256};
use commonhold_module::bench::account;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{
    Access, Registration, accessCall, grantCall, mayOpenCall, registerCall, revokeCall,
};

use crate::{ANNA, Desk};

/// When the stories begin.
const NOW: u64 = 1_000_000;
const PACKET: B256 = B256::repeat_byte(0x55);

fn content(n: u8) -> Registration {
    Registration {
        salt: B256::repeat_byte(0x77),
        contentHash: B256::repeat_byte(n),
        length: 4_096,
        kind: "application/fhir+json".to_owned(),
        sealedKeyHash: B256::ZERO,
        policy: Address::ZERO,
        custodian: account(2),
    }
}

fn register(n: u8) -> registerCall {
    registerCall {
        registration: content(n),
    }
}

fn grant(id: B256, grantee: Address, not_before: u64, until: u64) -> grantCall {
    grantCall {
        id,
        grantee,
        notBefore: not_before,
        until,
        uses: 0,
        headerHash: PACKET,
    }
}

fn revoke(id: B256, grantee: Address) -> revokeCall {
    revokeCall { id, grantee }
}

fn desk() -> (Desk, B256) {
    let mut desk = Desk::of(RECORDS);
    let id = desk.send(ANNA, register(1)).unwrap();
    (desk, id)
}

impl Desk {
    fn access(&mut self, id: B256, who: Address, at: u64) -> Access {
        let answer = self.view(accessCall { id, who, at }).unwrap();
        let may = self.view(mayOpenCall { id, who, at }).unwrap();
        assert_eq!(
            may,
            matches!(answer, Access::Granted | Access::Owner | Access::Open),
            "one answer"
        );
        answer
    }
}
