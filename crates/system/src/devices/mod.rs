//! Measuring devices, the streams of their readings, and who may open which days of a stream.
//!
//! # Devices
//!
//! A device is a public key. Whoever enrols it proves, with a signature of the device, that it is theirs,
//! and owns it; a device can be handed on, which takes the word of both. What it signs is what
//! [`commonhold_reading`] says. A source that cannot sign stands under the device of a gateway, which
//! signs for it; only that device's owner enrols it, so that nobody takes the names of another's sources.
//! A calibration ends at a time; a revocation holds from the next transaction on and for ever: a revoked
//! key is never enrolled again.
//!
//! # Streams and days
//!
//! Readings go to a stream. Its owner says which account anchors for it (a gateway's), and whom to let in,
//! by days (UTC). A batch is of one stream and one day. Its content is encrypted with the data key of that
//! stream and day, which is sealed to the network under the identity of the two; the batch's record says
//! so ([`crate::records`]), and one opening of any record of a day opens the day. A share is asked when
//! somebody asks to open, and again when members answer: one that was taken back opens nothing any more,
//! and days that come later are sealed to keys that nobody had opened before.
//!
//! # Anchors
//!
//! An anchor holds the root of the hash tree over a batch, how many readings it has and of what time, so
//! that any reading can be proven by a path to the root. The ledger does not see the readings: that they
//! are signed, of devices of the stream, and each once, the gateway checks, and whoever opens the batch
//! can check again.

mod contract;
pub mod interface;
mod invariants;
pub mod limits;
pub mod standing;
mod state;
mod stream_views;
mod streams;
mod views;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Module, Outcome, storage::Place};
use commonhold_primitives::system::DEVICES as ADDRESS;
use commonhold_reading::{DeviceId, Envelope};

use crate::records::interface::IRecords::Access;
use interface::IDevices;

/// The module.
pub fn module() -> Module {
    Module::new::<IDevices::IDevicesCalls>("devices", ADDRESS, IDevices::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .always(invariants::check)
        .message(contract::enrol)
        .message(contract::enrol_source)
        .message(contract::calibrate)
        .message(contract::transfer)
        .message(contract::accept_device)
        .message(contract::revoke)
        .message(contract::assign)
        .message(streams::open_stream)
        .message(streams::set_gateway)
        .message(streams::close_stream)
        .message(streams::share)
        .message(streams::unshare)
        .message(streams::anchor)
        .message(streams::request_opening)
        .view(views::id_of)
        .view(views::device)
        .view(views::devices)
        .view(views::devices_of)
        .view(views::devices_in)
        .view(views::standing)
        .view(views::check_reading)
        .view(stream_views::id)
        .view(stream_views::stream)
        .view(stream_views::streams)
        .view(stream_views::streams_of)
        .view(stream_views::streams_at)
        .view(stream_views::streams_shared_with)
        .view(stream_views::share_of)
        .view(stream_views::shares)
        .view(stream_views::anchors)
        .view(stream_views::anchors_of_day)
        .view(stream_views::sealed_key_of_day)
        .view(stream_views::anchor_of)
}

/// A device, as its view shows it.
///
/// # Errors
/// Rejects with `UnknownDevice`; out of gas, or what the machine runs into.
pub fn device(ctx: &mut Context<'_>, id: DeviceId) -> Outcome<IDevices::Device> {
    views::device(&mut ctx.enter(ADDRESS), IDevices::deviceCall { id: id.0 })
}

/// What stands against a device at the time `at` (zero: now), in seconds since 1970.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn standing(ctx: &mut Context<'_>, id: DeviceId, at: u64) -> Outcome<IDevices::Standing> {
    let call = IDevices::standingCall { device: id.0, at };
    views::standing(&mut ctx.enter(ADDRESS), call)
}

/// Whose a device is.
///
/// # Errors
/// Rejects with `UnknownDevice`; out of gas, or what the machine runs into.
pub fn owner_of(ctx: &mut Context<'_>, id: DeviceId) -> Outcome<Address> {
    Ok(device(ctx, id)?.owner)
}

/// Says which devices the call is about to ask about, so that a machine whose state lies on disk loads them
/// in one go.
///
/// # Errors
/// What the machine runs into.
pub fn announce(ctx: &mut Context<'_>, ids: &[DeviceId]) -> Outcome<()> {
    let devices: Vec<_> = ids.iter().map(|id| state::DEVICES.at(&id.0)).collect();
    let places: Vec<&dyn Place> = devices.iter().map(|device| device as &dyn Place).collect();
    ctx.enter(ADDRESS).fetch(&places)
}

/// Verifies a reading by the keys that are enrolled, and tells what stands against its devices now.
///
/// # Errors
/// Rejects with `UnknownDevice` or `FalseReading`; out of gas, or what the machine runs into.
pub fn verify(ctx: &mut Context<'_>, envelope: &Envelope) -> Outcome<IDevices::Reading> {
    views::verify(&mut ctx.enter(ADDRESS), envelope)
}

/// What the shares of a stream say of `who` and a day (days since 1970). Its owner is not asked about.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn access(ctx: &mut Context<'_>, stream: B256, day: u32, who: Address) -> Outcome<Access> {
    stream_views::access(&mut ctx.enter(ADDRESS), stream, day, who)
}
