//! `commonhold device`.

mod enrol;
mod sign;
mod told;

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use clap::Subcommand;
use commonhold_sdk::{
    reading::{Algorithm, DeviceId, DeviceKey},
    readings::{device_secret, write_key},
};
use serde::Serialize;

use crate::{
    client::{RpcArgs, who},
    exit::Failure,
    files::{PRIVATE, write},
    output::Output,
    record::purpose,
    time,
    wallet::WalletArgs,
};

pub(crate) use sign::read;

/// Make, enrol and look after measuring devices.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    rpc: RpcArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a device's key, in a file that only you may read; gives its public key.
    #[command(after_help = "\
Examples:
  commonhold device new meter.key
  commonhold device new meter.key --algorithm p256")]
    New {
        /// Where to.
        file: PathBuf,
        /// How it signs: ed25519, p256 or secp256k1.
        #[arg(long, value_name = "NAME", default_value = "ed25519")]
        algorithm: Algorithm,
    },
    /// Put a device on the ledger as yours; gives its id.
    Enrol(enrol::Args),
    /// Give what a device must sign so that you can enrol it: 32 bytes in hex.
    Challenge {
        /// Its public key: ed25519:HEX, p256:HEX or secp256k1:HEX.
        #[arg(value_parser = key)]
        key: DeviceKey,
    },
    /// List your devices.
    List,
    /// Show what the ledger has of a device.
    Show {
        /// The device.
        id: DeviceId,
    },
    /// Sign a reading as a device; gives the signed bytes.
    Sign(sign::Args),
    /// Say what a signed reading says, and whether its device signed it.
    Check(sign::CheckArgs),
    /// Note a device's calibration: its owner, members and calibrators may.
    Calibrate {
        /// The device.
        id: DeviceId,
        /// Until when it holds: 2026-12-31, +365d [default: not stated].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        until: Option<u64>,
        /// The hash of the certificate, 32 bytes in hex.
        #[arg(long, value_name = "HASH", default_value_t = B256::ZERO, hide_default_value = true)]
        certificate: B256,
    },
    /// Offer a device to somebody, who takes it with `device accept`.
    Transfer {
        /// The device.
        id: DeviceId,
        /// Whom: an address, an account of your keystore, or a handle; 0x and zeros take the offer back.
        #[arg(long, value_name = "WHO")]
        to: String,
    },
    /// Take over a device that was offered to you.
    Accept {
        /// The device.
        id: DeviceId,
    },
    /// Revoke a device for ever: what it signs from now on is worth nothing. Its owner and members may.
    Revoke {
        /// The device.
        id: DeviceId,
        /// Why: up to 32 letters; or 32 bytes in hex.
        #[arg(long, value_name = "WHY", default_value = "", value_parser = purpose)]
        reason: B256,
    },
}

/// What a step on the ledger gave.
#[derive(Serialize)]
pub(crate) struct Done {
    /// The device or the stream.
    pub(crate) id: B256,
    transaction: B256,
    block: Option<u64>,
}

impl Done {
    pub(crate) const fn of(id: B256, receipt: &TransactionReceipt) -> Self {
        Self {
            id,
            transaction: receipt.transaction_hash,
            block: receipt.block_number,
        }
    }
}

#[derive(Serialize)]
struct Made<'a> {
    device: DeviceId,
    algorithm: String,
    key: String,
    file: &'a PathBuf,
}

/// Reads a public key: its algorithm, a colon, its bytes in hex.
pub(crate) fn key(text: &str) -> Result<DeviceKey, String> {
    let (algorithm, bytes) = text
        .split_once(':')
        .ok_or("ed25519:HEX, p256:HEX or secp256k1:HEX is expected")?;
    let algorithm: Algorithm = algorithm.parse().map_err(|e| format!("{e}"))?;
    let bytes = alloy_primitives::hex::decode(bytes).map_err(|e| e.to_string())?;
    DeviceKey::new(algorithm, &bytes).map_err(|e| e.to_string())
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    match &args.verb {
        Verb::New { file, algorithm } => return new(file, *algorithm, out),
        Verb::Sign(args) => return sign::sign(args, out),
        _ => {}
    }
    let client = args.rpc.client()?;
    let open = || args.wallet.open();
    match &args.verb {
        Verb::New { .. } | Verb::Sign(_) => Ok(()),
        Verb::Check(check) => sign::check(check, &client, out),
        Verb::Enrol(enrolment) => enrol::run(enrolment, &client, &open()?, out),
        Verb::Challenge { key } => {
            let message = client.enrolment(key, args.wallet.address()?)?;
            out.result(&message, ToString::to_string)
        }
        Verb::List => told::list(&client, args.wallet.address()?, out),
        Verb::Show { id } => told::show(&client, *id, out),
        Verb::Calibrate {
            id,
            until,
            certificate,
        } => {
            let receipt = client.calibrate(&open()?, *id, until.unwrap_or(0), *certificate)?;
            out.result(&Done::of(id.0, &receipt), |_| String::new())
        }
        Verb::Transfer { id, to } => {
            let to = if to.parse() == Ok(Address::ZERO) {
                Address::ZERO
            } else {
                who(to, &args.wallet.keystore()?, &client, out)?
            };
            let receipt = client.transfer_device(&open()?, *id, to)?;
            out.result(&Done::of(id.0, &receipt), |_| String::new())
        }
        Verb::Accept { id } => {
            let receipt = client.accept_device(&open()?, *id)?;
            out.result(&Done::of(id.0, &receipt), |_| String::new())
        }
        Verb::Revoke { id, reason } => {
            let receipt = client.revoke_device(&open()?, *id, *reason)?;
            out.say("it is revoked, for ever");
            out.result(&Done::of(id.0, &receipt), |_| String::new())
        }
    }
}

fn new(file: &PathBuf, algorithm: Algorithm, out: &mut Output) -> eyre::Result<()> {
    if algorithm == Algorithm::Unsigned {
        let why = "a source that cannot sign has no key: `device enrol --gateway` enrols it";
        return Err(Failure::Usage(why.into()).into());
    }
    let secret = device_secret(algorithm)?;
    write(file, &write_key(&secret), PRIVATE, false)?;
    let key = secret.key();
    let made = Made {
        device: key.id(),
        algorithm: algorithm.to_string(),
        key: alloy_primitives::hex::encode(key.bytes()),
        file,
    };
    out.say(format!("device {} in {}", made.device, file.display()));
    out.result(&made, |made| format!("{}:{}", made.algorithm, made.key))
}
