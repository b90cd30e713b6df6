//! The ledger by way of a node.

use std::{io::Cursor, sync::Arc};

use alloy_primitives::{Address, B256, U64};
use alloy_sol_types::SolInterface as _;
use commonhold_primitives::{consensus::NetworkKey, system::DEVICES};
use commonhold_reading::DeviceId;
use commonhold_sdk::{Account, Authorities, Client, Records, SdkError, client};
use commonhold_seal::SealKey;
use commonhold_system::devices::interface::IDevices::{Batch, Device, IDevicesErrors};
use futures::future::{FutureExt as _, ready};
use serde::Deserialize;
use serde_json::json;

use crate::{
    config::NodeSettings,
    error::GatewayError,
    journal::KnownRow,
    ledger::{Anchoring, Answer, Deposit, Ledger},
};

/// The node that a configuration names.
///
/// # Errors
/// Where the address or the file of authorities cannot be used.
pub(crate) fn client(settings: &NodeSettings) -> Result<Client, GatewayError> {
    let Some(path) = &settings.authorities else {
        return Ok(Client::new(&settings.url)?);
    };
    Ok(Client::vouched(
        &settings.url,
        &Authorities::from_file(path)?,
    )?)
}

/// The network key that a configuration has.
///
/// # Errors
/// Where it is none.
pub(crate) fn network_key(settings: &NodeSettings) -> Result<Option<NetworkKey>, GatewayError> {
    let key = settings.network_key.as_deref().map(client::network_key);
    key.transpose().map_err(|e| GatewayError::Setting {
        setting: "node.network_key",
        why: e.to_string(),
    })
}

#[derive(Deserialize)]
struct Named {
    topics: Vec<B256>,
}

/// The error with which the devices module refused.
pub(crate) fn refused(error: &SdkError) -> Option<IDevicesErrors> {
    match error {
        SdkError::Reverted { data, .. } => IDevicesErrors::abi_decode_validate(data).ok(),
        _ => None,
    }
}

/// Devices by way of a client, which blocks: each question has a thread of its own.
pub(crate) struct Devices(pub(crate) Arc<Client>);

impl Devices {
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Client) -> Result<T, SdkError> + Send + 'static,
    ) -> Answer<'_, T> {
        let client = self.0.clone();
        let asked = tokio::task::spawn_blocking(move || question(&client));
        asked
            .map(|answer| match answer {
                Ok(answer) => answer,
                Err(e) => Err(SdkError::Unavailable {
                    node: "the node".to_owned(),
                    why: e.to_string(),
                }),
            })
            .boxed()
    }
}

impl Ledger for Devices {
    fn device(&self, id: DeviceId) -> Answer<'_, Option<KnownRow>> {
        self.ask(move |client| device(client.device(id)))
    }

    fn head(&self) -> Answer<'_, u64> {
        self.ask(Client::block_number)
    }

    fn named(&self, from: u64, to: u64) -> Answer<'_, Vec<B256>> {
        let filter = json!({
            "fromBlock": U64::from(from),
            "toBlock": U64::from(to),
            "address": DEVICES,
        });
        self.ask(move |client| {
            let logs: Vec<Named> = client.request("eth_getLogs", (filter,))?;
            // The first topic is the event's.
            Ok(logs
                .into_iter()
                .flat_map(|log| log.topics.into_iter().skip(1))
                .collect())
        })
    }
}

fn device(found: Result<Device, SdkError>) -> Result<Option<KnownRow>, SdkError> {
    match found {
        Ok(found) => Ok(Some(KnownRow::from(found))),
        Err(e) if matches!(refused(&e), Some(IDevicesErrors::UnknownDevice(_))) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Batches by way of a client. What is asked is answered before it is awaited: it is for a thread that
/// does nothing else.
pub(crate) struct Node {
    pub(crate) client: Client,
    pub(crate) account: Account,
    pub(crate) network_key: Option<NetworkKey>,
}

impl Anchoring for Node {
    fn chain_id(&self) -> Answer<'_, u64> {
        ready(self.client.chain_id()).boxed()
    }

    fn owner(&self, stream: B256) -> Answer<'_, Address> {
        ready(self.client.stream(stream).map(|found| found.owner)).boxed()
    }

    fn seal_key(&self) -> Answer<'_, SealKey> {
        let sealing = self.client.sealing_by(self.network_key.as_ref());
        ready(sealing.map(|sealing| sealing.key)).boxed()
    }

    fn deposit(&self, deposit: Deposit) -> Answer<'_, ()> {
        let records = Records::new(&self.client, &self.account);
        let mut bytes = Cursor::new(deposit.bytes);
        let (body, sealed) = (&deposit.body, &deposit.sealed);
        ready(records.deposit(body, &mut bytes, deposit.record, sealed, &())).boxed()
    }

    fn anchor(&self, batches: Vec<Batch>) -> Answer<'_, B256> {
        let sent = self.client.anchor(&self.account, batches);
        ready(sent.map(|receipt| receipt.transaction_hash)).boxed()
    }

    fn is_anchored(&self, record: B256) -> Answer<'_, bool> {
        let found = match self.client.anchor_of(record) {
            Ok(_) => Ok(true),
            Err(e) if matches!(refused(&e), Some(IDevicesErrors::NoAnchor(_))) => Ok(false),
            Err(e) => Err(e),
        };
        ready(found).boxed()
    }

    fn record(&self, stream: B256, number: u64) -> Answer<'_, Option<B256>> {
        let found = self.client.anchors(stream, number);
        ready(found.map(|page| page.items.first().map(|anchor| anchor.record))).boxed()
    }
}
