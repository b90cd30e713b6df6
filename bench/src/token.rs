//! Token transfers beside plain ones: the same network, the same load, by turns.

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::system::TOKEN;
use commonhold_sdk::{Account, Client, token::IssueState};
use commonhold_system::token::{
    interface::IToken::{Share, holdCall, splitCall},
    limits::SHARES_MAX,
};
use eyre::{ensure, eyre};

use crate::{
    Args,
    load::{self, Pace},
    network::Network,
    process,
    report::{Bar, Report, number},
    rpc::Rpc,
    wallet::{Signed, Wallet},
};

/// Accounts that send.
const SENDERS: usize = 200;
/// Units that each of them has: more than it sends.
const UNITS: u64 = 1_000_000_000;
/// Turns of each kind; the best counts.
const ROUNDS: usize = 2;

/// The finalised rate of token transfers against that of plain ones.
pub(crate) fn run(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("token"), 4)?;
    let url = network.urls.first().ok_or_else(|| eyre!("no member"))?;
    let mut wallet = Wallet::fund(&Rpc::new(url), "token", SENDERS)?;
    issue(&network, url, &wallet.addresses())?;
    report.part("Four members under full load: token transfers beside plain ones");
    let (mut plain, mut token) = ((0.0, 0.0), (0.0, 0.0));
    for _ in 0..ROUNDS {
        plain = better(plain, turn(&network, &wallet.sign(args.count)?)?);
        token = better(token, turn(&network, &wallet.sign_token(args.count)?)?);
    }
    report.figure("plain transfers", plain.0, "tx/s", Bar::None, "")?;
    report.figure("token transfers", token.0, "tx/s", Bar::None, "")?;
    let beside = format!(
        "processor time per member {} against {} us/tx",
        number(token.1),
        number(plain.1)
    );
    let bar = Bar::AtLeast(0.8);
    report.figure("token against plain", token.0 / plain.0, "x", bar, &beside)?;
    network.stop()
}

/// Transactions per second, and microseconds of processor time per transaction and member.
fn turn(network: &Network, transactions: &[(usize, Signed)]) -> eyre::Result<(f64, f64)> {
    let pids = network.pids();
    let before = process::cpu(&pids);
    let outcome = load::run(&network.urls, transactions, Pace::Full)?;
    let (done, count) = (outcome.finalised, transactions.len());
    ensure!(done == count, "{done} of {count} became final");
    let members = network.urls.len() as f64;
    let cpu = (process::cpu(&pids) - before) * 1e6 / count as f64 / members;
    Ok((outcome.rate(), cpu))
}

fn better(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    if b.0 > a.0 { b } else { a }
}

/// Has the members issue money, and splits it among `holders`.
fn issue(network: &Network, url: &str, holders: &[Address]) -> eyre::Result<()> {
    let client = Client::new(url)?;
    let bank = Account::random();
    let sum = U256::from(UNITS) * U256::from(holders.len());
    let mut state = IssueState::Open;
    for member in (1..).take(network.urls.len()) {
        if state == IssueState::Issued {
            break;
        }
        let member = network.account(member)?;
        let step = match client.issues(0)?.total {
            0 => client.propose_issue(&member, bank.address(), sum, "for measuring")?,
            _ => client.approve_issue(&member, 0)?,
        };
        state = step.state;
    }
    ensure!(state == IssueState::Issued, "nothing was issued");
    let own = bank.address();
    let hold = holdCall {
        salt: B256::ZERO,
        payer: own,
        controller: own,
        amount: sum,
        deadline: 0,
    };
    client.send_call(&bank, TOKEN, &hold)?;
    let id = client
        .escrows_paid_by(own, 0)?
        .items
        .first()
        .map(|escrow| escrow.id)
        .ok_or_else(|| eyre!("no escrow"))?;
    for part in holders.chunks(SHARES_MAX) {
        let amount = U256::from(UNITS);
        let shares = part.iter().map(|to| Share { to: *to, amount }).collect();
        client.send_call(&bank, TOKEN, &splitCall { id, shares })?;
    }
    Ok(())
}
