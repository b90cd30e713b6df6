//! `commonhold device enrol`.

use std::path::PathBuf;

use alloy_primitives::{B256, Bytes};
use commonhold_sdk::{
    Account, Client,
    devices::Description,
    reading::{DeviceId, DeviceKey, SIGNATURE_LEN},
};

use super::{Done, key, sign::read_secret};
use crate::{exit::Failure, output::Output, time};

/// Put a device on the ledger as yours; gives its id.
///
/// A device that has its key elsewhere proves that it is yours by signing what `device challenge` gives.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold device enrol meter.key --model 'Meter 3000' --stream $STREAM --account alice
  commonhold device enrol --key p256:03ab… --proof 5f01… --model 'Meter 3000'
  commonhold device enrol --gateway $GATEWAY --name kitchen-plug --model 'Plug S'")]
pub(crate) struct Args {
    #[command(flatten)]
    what: What,
    /// The device's own signature of what `device challenge` gives, 64 bytes in hex.
    #[arg(long, value_name = "HEX", requires = "key")]
    proof: Option<Bytes>,
    /// What a source that cannot sign is called at its gateway.
    #[arg(long, value_name = "NAME", requires = "gateway")]
    name: Option<String>,
    /// What it is.
    #[arg(long, value_name = "TEXT")]
    model: String,
    /// Until when its calibration holds: 2026-12-31, +365d [default: not stated].
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    calibrated_until: Option<u64>,
    /// The stream that its readings go to.
    #[arg(long, value_name = "ID")]
    stream: Option<B256>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The device's key file: see `device new`.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The public key of a device that has its key elsewhere.
    #[arg(long, value_name = "ALGORITHM:HEX", value_parser = key, requires = "proof")]
    key: Option<DeviceKey>,
    /// The gateway's device that signs for a source that cannot.
    #[arg(long, value_name = "ID", requires = "name")]
    gateway: Option<DeviceId>,
}

pub(super) fn run(
    args: &Args,
    client: &Client,
    account: &Account,
    out: &mut Output,
) -> eyre::Result<()> {
    let description = Description {
        model: args.model.clone(),
        calibrated_until: args.calibrated_until.unwrap_or(0),
    };
    let (id, receipt) = match (&args.what.file, &args.what.key, args.what.gateway) {
        (Some(file), ..) => {
            let secret = read_secret(file)?;
            let receipt = client.enrol(account, &secret, &description)?;
            (secret.key().id(), receipt)
        }
        (_, Some(key), _) => {
            let proof = args.proof.clone().unwrap_or_default();
            let proof: &[u8; SIGNATURE_LEN] = proof
                .as_ref()
                .try_into()
                .map_err(|_| Failure::Usage("a proof has 64 bytes".into()))?;
            (
                key.id(),
                client.enrol_proven(account, key, &description, proof)?,
            )
        }
        (_, _, Some(gateway)) => {
            let name = args.name.clone().unwrap_or_default();
            let source =
                DeviceKey::source(gateway, &name).map_err(|e| Failure::Usage(e.to_string()))?;
            let receipt = client.enrol_source(account, gateway, &name, &description)?;
            (source.id(), receipt)
        }
        _ => return Err(Failure::Usage("say which device".into()).into()),
    };
    if let Some(stream) = args.stream {
        client.assign_device(account, id, stream)?;
    }
    out.result(&Done::of(id.0, &receipt), |done| done.id.to_string())
}
