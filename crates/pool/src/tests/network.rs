//! Gossip on a simulated network with simulated time.

use std::{collections::BTreeMap, time::Duration};

use alloy_primitives::{Address, B256, Bytes};
use commonware_cryptography::{Signer as _, ed25519};
use commonware_p2p::{
    Recipients, Sender as _,
    simulated::{Config, Control, Link, Network, Oracle, Receiver, Sender},
};
use commonware_parallel::Sequential;
use commonware_runtime::{Clock as _, Quota, Supervisor as _, deterministic};
use commonware_utils::{NZU32, NZUsize, Probability, probability};

use super::support::{CHAIN, Wallet, rich, run, transfer, until};
use crate::{
    AccountView, Origin, Pool, PoolConfig,
    gossip::{self, AccountReader},
    limits::{GOSSIP_BYTES_MAX, REANNOUNCE_BLOCKS},
};

type Key = ed25519::PublicKey;
type Context = deterministic::Context;
type Channel = (Sender<Key, Context>, Receiver<Key>);

/// Every account is rich and new, except those written here.
#[derive(Clone, Default)]
struct Accounts(BTreeMap<Address, AccountView>);

impl AccountReader for Accounts {
    async fn accounts(&self, addresses: Vec<Address>) -> Option<Vec<AccountView>> {
        let view = |address| self.0.get(address).copied().unwrap_or_else(|| rich(0));
        Some(addresses.iter().map(view).collect())
    }
}

struct Net {
    keys: Vec<Key>,
    oracle: Oracle<Key, Context>,
    channels: Vec<Option<Channel>>,
}

impl Net {
    async fn new(context: &Context, members: u64, success_rate: Probability) -> Self {
        let keys: Vec<Key> = (0..members)
            .map(|seed| ed25519::PrivateKey::from_seed(seed).public_key())
            .collect();
        let config = Config {
            max_size: u32::try_from(GOSSIP_BYTES_MAX).unwrap() * 2,
            max_peers_per_set: NZUsize!(8),
            disconnect_on_block: true,
            tracked_peer_sets: NZUsize!(1),
        };
        let (network, oracle) =
            Network::new_with_peers(context.child("network"), config, keys.clone()).await;
        network.start();
        let mut channels = Vec::new();
        for key in &keys {
            let quota = Quota::per_second(NZU32!(1_000));
            channels.push(Some(
                oracle
                    .control(key.clone())
                    .register(0, quota)
                    .await
                    .unwrap(),
            ));
        }
        for from in &keys {
            for to in keys.iter().filter(|to| *to != from) {
                let link = Link {
                    latency: Duration::from_millis(10),
                    jitter: Duration::from_millis(3),
                    success_rate,
                };
                oracle
                    .add_link(from.clone(), to.clone(), link)
                    .await
                    .unwrap();
            }
        }
        Self {
            keys,
            oracle,
            channels,
        }
    }

    fn channel(&mut self, member: usize) -> (Control<Key, Context>, Channel) {
        (
            self.oracle.control(self.keys[member].clone()),
            self.channels[member].take().unwrap(),
        )
    }

    fn start(&mut self, context: &Context, member: usize) -> Pool {
        let pool = Pool::new(PoolConfig::new(CHAIN, 0, 300_000_000));
        let (blocker, channel) = self.channel(member);
        let context = context.child("member").with_attribute("index", member);
        gossip::start(
            context,
            pool.clone(),
            Accounts::default(),
            Sequential,
            blocker,
            channel,
        );
        pool
    }
}

#[test]
fn local_transactions_reach_every_member_once() {
    run(|context| async move {
        let mut net = Net::new(&context, 4, probability!(1.0)).await;
        let pools: Vec<Pool> = (0..4).map(|member| net.start(&context, member)).collect();
        let wallets: Vec<Wallet> = (0..8).map(Wallet::new).collect();
        for nonce in 0..100 {
            for wallet in &wallets {
                pools[0]
                    .admit(wallet.transfer(nonce), rich(0), Origin::Local)
                    .unwrap();
            }
        }
        until(&context, "800 transactions everywhere", || {
            pools.iter().all(|pool| pool.len() == 800)
        })
        .await;
        // Two messages hold them all, and nobody passes on what came by gossip.
        assert_eq!(pools[0].counters().batches_out.get(), 2);
        for pool in &pools[1..] {
            assert_eq!(
                (
                    pool.counters().batches_in.get(),
                    pool.counters().batches_out.get()
                ),
                (2, 0)
            );
        }
    });
}

#[test]
fn what_the_network_lost_is_announced_again_until_it_is_final() {
    run(|context| async move {
        let mut net = Net::new(&context, 4, probability!(0.25)).await;
        let pools: Vec<Pool> = (0..4).map(|member| net.start(&context, member)).collect();
        let mut hashes: Vec<B256> = Vec::new();
        for seed in 0..20 {
            let tx = Wallet::new(seed).transfer(0);
            hashes.push(tx.hash());
            pools[usize::try_from(seed % 4).unwrap()]
                .admit(tx, rich(0), Origin::Local)
                .unwrap();
            context.sleep(Duration::from_millis(5)).await;
        }
        let blocks = || pools.iter().for_each(|pool| pool.finalised(&[], &[]));
        until(&context, "everything everywhere", || {
            blocks();
            pools.iter().all(|pool| pool.len() == 20)
        })
        .await;
        for pool in &pools {
            pool.finalised(&hashes, &[]);
        }
        let sent: u64 = pools
            .iter()
            .map(|pool| pool.counters().batches_out.get())
            .sum();
        (0..2 * REANNOUNCE_BLOCKS).for_each(|_| blocks());
        context.sleep(Duration::from_secs(1)).await;
        assert_eq!(
            pools
                .iter()
                .map(|pool| pool.counters().batches_out.get())
                .sum::<u64>(),
            sent
        );
        assert!(pools.iter().all(Pool::is_empty));
    });
}

#[test]
fn a_member_that_sends_what_no_pool_takes_is_blocked() {
    let wrong_chain = Wallet::new(1).raw(alloy_consensus::TxEip1559 {
        chain_id: CHAIN + 1,
        ..transfer(0)
    });
    let mut framed = crate::wire::Batch::default();
    framed.push(&wrong_chain);
    for message in [
        Vec::new(),
        vec![0xff; 100],
        vec![0; GOSSIP_BYTES_MAX + 1],
        framed.into_bytes(),
    ] {
        run(|context| async move {
            let mut net = Net::new(&context, 2, probability!(1.0)).await;
            let pool = net.start(&context, 0);
            let (_, (mut sender, _receiver)) = net.channel(1);
            sender.send(Recipients::All, Bytes::from(message).0, false);
            until(&context, "blocked", || pool.counters().blocked.get() == 1).await;
            let blocked = net.oracle.blocked().await.unwrap();
            assert_eq!(blocked, [(net.keys[0].clone(), net.keys[1].clone())]);
            assert!(pool.is_empty());
        });
    }
}
