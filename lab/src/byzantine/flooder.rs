//! Sends bytes that mean nothing to everybody, for as long as it lives.

use std::time::Duration;

use commonhold_primitives::consensus::MemberKey;
use commonware_p2p::{Receiver, Recipients, Sender};
use commonware_runtime::{Clock as _, Spawner as _, deterministic};
use rand_core::Rng as _;

use crate::world::World;

/// Starts the flood on one channel.
pub fn start<Tx, Rx>(
    context: deterministic::Context,
    world: World,
    (mut sender, receiver): (Tx, Rx),
) where
    Tx: Sender<PublicKey = MemberKey>,
    Rx: Receiver<PublicKey = MemberKey>,
{
    context.spawn(move |mut context| async move {
        let _receiver = receiver;
        loop {
            context.sleep(Duration::from_millis(20)).await;
            let length = usize::try_from(context.next_u64() % 4_096).unwrap_or_default();
            let mut bytes = vec![0u8; length];
            context.fill_bytes(&mut bytes);
            let _ = sender.send(Recipients::All, bytes, false);
            world.with(|w| w.misdeeds += 1);
        }
    });
}
