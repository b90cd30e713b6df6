//! The ledger by way of a node.

use alloy_primitives::{B256, U64};
use alloy_sol_types::SolInterface as _;
use commonhold_primitives::{consensus::NetworkKey, system::DEVICES};
use commonhold_reading::DeviceId;
use commonhold_sdk::{Authorities, Client, SdkError, client};
use commonhold_system::devices::interface::IDevices::IDevicesErrors;
use serde::Deserialize;
use serde_json::json;

use crate::{config::NodeSettings, error::GatewayError, journal::KnownRow, ledger::Ledger};

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

impl Ledger for Client {
    fn device(&self, id: DeviceId) -> Result<Option<KnownRow>, SdkError> {
        let found = match Client::device(self, id) {
            Ok(found) => found,
            Err(e) if matches!(refused(&e), Some(IDevicesErrors::UnknownDevice(_))) => {
                return Ok(None);
            }
            Err(e) => return Err(e),
        };
        Ok(Some(KnownRow {
            algorithm: found.algorithm,
            key: found.key,
            stream: found.stream,
            revoked_at: found.revokedAt,
            calibrated_until: found.calibratedUntil,
        }))
    }

    fn head(&self) -> Result<u64, SdkError> {
        self.block_number()
    }

    fn named(&self, from: u64, to: u64) -> Result<Vec<B256>, SdkError> {
        let filter = json!({
            "fromBlock": U64::from(from),
            "toBlock": U64::from(to),
            "address": DEVICES,
        });
        let logs: Vec<Named> = self.request("eth_getLogs", (filter,))?;
        // The first topic is the event's.
        Ok(logs
            .into_iter()
            .flat_map(|log| log.topics.into_iter().skip(1))
            .collect())
    }
}
