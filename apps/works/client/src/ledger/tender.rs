//! `commonhold works tender`: sealed until the deadline, open to everybody after it.

use std::path::PathBuf;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolEvent as _;
use clap::Subcommand;
use commonhold_sdk::{
    page::every,
    timed::{open_timed, seal_until},
};
use commonhold_session::{Answer, Session};
use commonhold_works_contract::{
    ADDRESS,
    interface::IWorks::{
        BidMade, TenderOpened, awardCall, bidCall, bidsCall, openBidCall, openTenderCall,
        tenderCall,
    },
    tender::{commitment, opens},
};
use serde_json::{Value, json};

use super::{act, ask, done, hashed};
use crate::{refusal::bytes, table::table};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Open a tender of your package.
    Open {
        /// The package's number.
        package: u64,
        /// The last second that takes bids, in seconds since 1970.
        #[arg(long, value_name = "T", required_unless_present = "seconds")]
        deadline: Option<u64>,
        /// Or how long it takes bids.
        #[arg(long, value_name = "N", conflicts_with = "deadline")]
        seconds: Option<u64>,
        /// How long bids are laid open afterwards.
        #[arg(long, value_name = "N", default_value_t = 7 * 86_400)]
        opening_seconds: u64,
        /// What the documents say: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        documents: Option<String>,
    },
    /// Bid: what the file says is sealed until the deadline, and binds you.
    Bid {
        /// The tender's number.
        tender: u64,
        /// The bid.
        file: PathBuf,
    },
    /// Lay all bids open, once the deadline has passed. Anybody may.
    Reveal {
        /// The tender's number.
        tender: u64,
    },
    /// Tell a tender's bids.
    List {
        /// The tender's number.
        tender: u64,
    },
    /// Award a tender to one of the open bids.
    Award {
        /// The tender's number.
        tender: u64,
        /// To whom.
        bidder: String,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    match verb {
        Verb::Open {
            package,
            deadline,
            seconds,
            opening_seconds,
            documents,
        } => {
            let now = session.client()?.block_time()?;
            let deadline = deadline.unwrap_or(now.saturating_add(seconds.unwrap_or_default()));
            let call = openTenderCall {
                package: *package,
                documents: hashed(documents.as_deref()),
                deadline,
                openingUntil: deadline.saturating_add(*opening_seconds),
            };
            let told: TenderOpened = act(session, &call)?;
            let data = json!({ "tender": told.number, "deadline": deadline });
            Answer::of(&data, told.number.to_string())
        }
        Verb::Bid { tender, file } => {
            let content = bytes(file).map_err(|refusal| refusal.of(file))?;
            bid(session, *tender, &content)
        }
        Verb::Reveal { tender } => reveal(session, *tender),
        Verb::List { tender } => list(session, *tender),
        Verb::Award {
            tender,
            bidder,
            reason,
        } => {
            let bidder = session.who(bidder)?;
            let call = awardCall {
                tender: *tender,
                bidder,
                reason: keccak256(reason),
            };
            let data = json!({ "tender": tender, "awarded": bidder });
            done(
                session,
                &call,
                data,
                &format!("tender {tender} goes to {bidder}"),
            )
        }
    }
}

fn bid(session: &dyn Session, tender: u64, content: &[u8]) -> eyre::Result<Answer> {
    let client = session.client()?;
    let found = client.call(ADDRESS, &tenderCall { number: tender })?;
    let salt = B256::from(commonhold_sdk::timed::salt()?);
    let bound = B256::from(commitment(&salt.0, content));
    let whole = [salt.as_slice(), content].concat();
    let sealed = seal_until(&client.sealing()?, found.deadline, &whole)?;
    let call = bidCall {
        tender,
        commitment: bound,
        sealedBid: sealed.into(),
    };
    let data = json!({ "tender": tender, "commitment": bound, "opensAt": found.deadline });
    done(
        session,
        &call,
        data,
        &format!("sealed until {}", found.deadline),
    )
}

/// The newest sealed bid of everybody.
fn sealed(session: &dyn Session, tender: u64) -> eyre::Result<Vec<(Address, B256, Bytes)>> {
    let client = session.client()?;
    let topics = [BidMade::SIGNATURE_HASH, B256::from(U256::from(tender))].map(Some);
    let logs = client.logs(ADDRESS, &topics, (0, client.block_number()?))?;
    let mut newest: Vec<(Address, B256, Bytes)> = Vec::new();
    for log in logs {
        let Ok(told) = BidMade::decode_log_data(log.data()) else {
            continue;
        };
        newest.retain(|(bidder, ..)| *bidder != told.bidder);
        newest.push((told.bidder, told.commitment, told.sealedBid));
    }
    Ok(newest)
}

fn reveal(session: &dyn Session, tender: u64) -> eyre::Result<Answer> {
    let client = session.client()?;
    let found = client.call(ADDRESS, &tenderCall { number: tender })?;
    let account = session.account()?;
    let sealing = client.sealing()?;
    let key = client.published(&account, &sealing, found.deadline)?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for (bidder, bound, sealed) in sealed(session, tender)? {
        let whole = open_timed(&key, &sealed).unwrap_or_default();
        let parts = whole.split_first_chunk::<32>();
        let fits = parts.filter(|(salt, content)| opens(&bound.0, salt, content));
        let Some((salt, content)) = fits else {
            rows.push(vec![
                bidder.to_string(),
                "does not open: it is none".to_owned(),
            ]);
            all.push(json!({ "bidder": bidder, "valid": false }));
            continue;
        };
        let call = openBidCall {
            tender,
            bidder,
            salt: B256::from(*salt),
            bid: content.to_vec().into(),
        };
        client.send_call(&account, ADDRESS, &call)?;
        let said = String::from_utf8_lossy(content).into_owned();
        rows.push(vec![bidder.to_string(), said.clone()]);
        all.push(json!({ "bidder": bidder, "valid": true, "bid": said }));
    }
    Answer::of(&all, table(&["bidder", "bid"], &rows))
}

fn list(session: &dyn Session, tender: u64) -> eyre::Result<Answer> {
    let found = ask(session, &tenderCall { number: tender })?;
    let client = session.client()?;
    let page = every(|from, max| {
        let call = bidsCall {
            number: tender,
            from,
            max,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok((told.page, told.total))
    })?;
    let mut rows = Vec::new();
    let bids: Vec<Value> = page
        .iter()
        .map(|bid| {
            let state = if bid.opened { "open" } else { "sealed" };
            rows.push(vec![
                bid.bidder.to_string(),
                state.to_owned(),
                bid.commitment.to_string(),
            ]);
            json!({
                "bidder": bid.bidder,
                "madeAt": bid.madeAt,
                "commitment": bid.commitment,
                "opened": bid.opened,
                "sha256": bid.content,
            })
        })
        .collect();
    let data = json!({
        "tender": tender,
        "package": found.package,
        "deadline": found.deadline,
        "openingUntil": found.openingUntil,
        "awarded": (!found.awarded.is_zero()).then_some(found.awarded),
        "bids": bids,
    });
    Answer::of(&data, table(&["bidder", "state", "commitment"], &rows))
}
