//! A member that follows the chain honestly, and whose own blocks are wrong in exactly one way.
//!
//! Honest members run this wrapper too, with nothing to lie about, so that the simulator
//! instantiates the engine once.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use alloy_consensus::{Header, SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bloom, Bytes, TxKind};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_chain::{App, sealing::Upstream};
use commonhold_node::membership::BySystem;
use commonhold_primitives::{
    Block, BlockHash,
    consensus::{ConsensusContext, Scheme},
    extra::Extra,
    limits::{BLOCK_BYTES_MAX, TRANSACTION_BYTES_MAX},
};
use commonhold_state::{Db, db::Root};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_cryptography::{Digestible as _, sha256};
use commonware_glue::stateful::{
    Application, Finality, Input, Proposed,
    db::{DatabaseSet, Shared},
};
use commonware_parallel::Sequential;
use commonware_runtime::{Clock as _, deterministic};
use commonware_storage::{mmr, qmdb::sync::Target};
use commonware_utils::sync::Mutex;

use crate::{
    byzantine::{
        RESHARE,
        dealer::{Logs, Misdeal},
    },
    founding::{CHAIN_ID, GAS_LIMIT},
    world::{Recorder, World},
};

type Databases = Shared<Db<deterministic::Context, Sequential>>;
type Batch = <Databases as DatabaseSet<deterministic::Context>>::Unmerkleized;
type Merkleized = <Databases as DatabaseSet<deterministic::Context>>::Merkleized;
type Readers = <Databases as DatabaseSet<deterministic::Context>>::Readers;
type SyncTarget = Target<mmr::Family, Root>;

/// In which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Another state root.
    StateRoot,
    /// Another receipts root.
    ReceiptsRoot,
    /// Another logs bloom.
    LogsBloom,
    /// One gas more.
    GasUsed,
    /// Another gas limit.
    GasLimit,
    /// The founders' gas limit, where members have decided on another.
    FoundersGas,
    /// Another base fee.
    BaseFee,
    /// Somebody else as the beneficiary.
    Beneficiary,
    /// Another number.
    Number,
    /// Ten minutes ahead of everybody's clock.
    Future,
    /// Beyond the step that a block may make in time.
    BeyondStep,
    /// Older than its parent.
    Past,
    /// A field that must be constant.
    Constant,
    /// Another sync target in the extra data.
    OpsRoot,
    /// A transaction that cannot be executed, committed to correctly.
    InvalidTransaction,
    /// A transaction twice.
    TransactionTwice,
    /// More bytes than a block may have.
    Oversize,
    /// A proposal, and never the block.
    NeverBuilds,
}

impl Lie {
    /// Every way for which there is room in every block.
    pub const ALL: [Self; 17] = [
        Self::StateRoot,
        Self::ReceiptsRoot,
        Self::LogsBloom,
        Self::GasUsed,
        Self::GasLimit,
        Self::BaseFee,
        Self::Beneficiary,
        Self::Number,
        Self::Future,
        Self::BeyondStep,
        Self::Past,
        Self::Constant,
        Self::OpsRoot,
        Self::InvalidTransaction,
        Self::TransactionTwice,
        Self::Oversize,
        Self::NeverBuilds,
    ];
}

/// The sync targets that blocks of liars really have. The liar's own engine asks once, when the block
/// is proposed, and must find the truth; everybody else asks later, and finds the lie.
static TRUTH: LazyLock<Mutex<BTreeMap<BlockHash, SyncTarget>>> = LazyLock::new(Mutex::default);

/// The application, honest or not.
#[derive(Clone)]
pub struct Proposer {
    app: App<Sequential, Recorder, BySystem>,
    lie: Option<Lie>,
    misdeal: Option<Misdeal>,
    logs: Logs,
    later: Duration,
    world: World,
}

impl Proposer {
    /// Wraps the honest application; `later` is how long it waits before it builds a block.
    pub fn new(
        app: App<Sequential, Recorder, BySystem>,
        lie: Option<Lie>,
        misdeal: Option<Misdeal>,
        later: Duration,
        world: World,
    ) -> Self {
        Self {
            app,
            lie,
            misdeal,
            logs: Logs::default(),
            later,
            world,
        }
    }

    /// The same block with the lie in it. `None` where this block has no room for it.
    fn falsify(&self, block: &Block, lie: Lie) -> Option<Block> {
        let mut header: Header = block.header().clone();
        let mut extra: Extra = block.extra().clone();
        let mut transactions: Vec<Bytes> = block.transactions().to_vec();
        match lie {
            Lie::StateRoot => header.state_root = B256::repeat_byte(1),
            Lie::ReceiptsRoot => header.receipts_root = B256::repeat_byte(2),
            Lie::LogsBloom => header.logs_bloom = Bloom::repeat_byte(3),
            Lie::GasUsed => header.gas_used += 1,
            Lie::GasLimit => header.gas_limit *= 2,
            Lie::FoundersGas if header.gas_limit == GAS_LIMIT => return None,
            Lie::FoundersGas => header.gas_limit = GAS_LIMIT,
            Lie::BaseFee => header.base_fee_per_gas = Some(7),
            Lie::Beneficiary => header.beneficiary = Address::repeat_byte(4),
            Lie::Number => header.number += 1,
            Lie::Future => header.timestamp += 600,
            Lie::BeyondStep => header.timestamp += 2 * 3_600,
            // Nothing is before the first block: genesis is at zero.
            Lie::Past if header.timestamp == 0 || header.number == 1 => return None,
            Lie::Past => {
                header.timestamp = 0;
                extra.millis = 0;
            }
            Lie::Constant => header.mix_hash = B256::repeat_byte(5),
            Lie::OpsRoot => extra.ops_root = sha256::Digest([6; 32]),
            Lie::InvalidTransaction => transactions.push(unpayable()),
            Lie::TransactionTwice => transactions.push(transactions.first()?.clone()),
            Lie::Oversize => {
                let full = BLOCK_BYTES_MAX / TRANSACTION_BYTES_MAX;
                transactions.extend(vec![vec![0xc0; TRANSACTION_BYTES_MAX].into(); full]);
                transactions.push(vec![0xc0].into());
            }
            Lie::NeverBuilds => return None,
        }
        Some(Block::seal(
            header,
            extra,
            transactions,
            block.ceremony().cloned(),
            block.sealing().cloned(),
        ))
    }
}

/// A well-formed transfer from somebody who has nothing.
fn unpayable() -> Bytes {
    let nobody = PrivateKeySigner::from_bytes(&B256::repeat_byte(9)).expect("a key");
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        gas_limit: 21_000,
        to: TxKind::Call(Address::repeat_byte(1)),
        value: alloy_primitives::U256::from(1),
        ..TxEip1559::default()
    };
    let signature = nobody.sign_hash_sync(&tx.signature_hash()).expect("sign");
    TxEnvelope::from(tx.into_signed(signature))
        .encoded_2718()
        .into()
}

impl Application<deterministic::Context> for Proposer {
    type SigningScheme = Scheme;
    type Context = ConsensusContext;
    type Block = Block;
    type Databases = Databases;
    type Captured = ();
    type Provider = ();
    type Input = Upstream;

    fn sync_targets(block: &Block) -> SyncTarget {
        let truth = TRUTH.lock().remove(&block.digest());
        truth.unwrap_or_else(|| {
            <App<Sequential, Recorder, BySystem> as Application<deterministic::Context>>::sync_targets(block)
        })
    }

    async fn genesis(&mut self) -> Block {
        Application::<deterministic::Context>::genesis(&mut self.app).await
    }

    async fn propose(
        &mut self,
        context: (deterministic::Context, ConsensusContext),
        ancestry: impl Ancestry<Block>,
        batches: Batch,
        mut input: Input<Upstream, ()>,
    ) -> Option<Proposed<Self, deterministic::Context>> {
        if let Some(misdeal) = self.misdeal {
            let wanted = input.upstream.payload.take();
            let (payload, lies) = self.logs.instead(misdeal, wanted);
            input.upstream.payload = payload;
            if lies {
                self.world.with(|w| w.misdeed(RESHARE));
            }
        }
        if !self.later.is_zero() {
            context.0.sleep(self.later).await;
        }
        let Proposed { block, merkleized } =
            self.app.propose(context, ancestry, batches, input).await?;
        let Some(lie) = self.lie else {
            return Some(Proposed { block, merkleized });
        };
        if lie == Lie::NeverBuilds {
            self.world.with(|w| w.misdeeds += 1);
            return None;
        }
        let Some(false_block) = self.falsify(&block, lie) else {
            return Some(Proposed { block, merkleized });
        };
        if lie == Lie::OpsRoot {
            let truth = Self::sync_targets(&block);
            TRUTH.lock().insert(false_block.digest(), truth);
        }
        self.world.with(|w| {
            w.misdeeds += 1;
            w.forbidden.insert(false_block.hash());
        });
        Some(Proposed {
            block: false_block,
            merkleized,
        })
    }

    async fn process(
        &mut self,
        context: (deterministic::Context, ConsensusContext),
        ancestry: impl Ancestry<Block>,
        batches: Batch,
        finality: Finality,
    ) -> Option<Merkleized> {
        self.app.process(context, ancestry, batches, finality).await
    }

    async fn capture(
        &mut self,
        context: (deterministic::Context, ConsensusContext),
        block: &Block,
        batches: &Merkleized,
        readers: Readers,
    ) {
        self.app.capture(context, block, batches, readers).await;
    }

    async fn finalized(
        &mut self,
        context: (deterministic::Context, ConsensusContext),
        block: &Block,
        captured: (),
        readers: Readers,
    ) {
        self.app.finalized(context, block, captured, readers).await;
    }
}
