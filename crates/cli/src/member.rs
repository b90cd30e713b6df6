//! `commonhold member`: who runs the network, and the members' votes on it. One file per part.

mod application;
mod listing;
mod proposals;
mod propose;

use clap::Subcommand;

use crate::{client::RpcArgs, output::Output, wallet::WalletArgs};

/// See who runs the network, and decide about it as a member.
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
    /// List the members, those to come and those that left; or the committee of one epoch.
    List {
        /// Only who is a member in this epoch: any that was, is, or is one of the next three.
        #[arg(long, value_name = "E")]
        epoch: Option<u64>,
    },
    /// Show a member.
    Show {
        /// Its number, its name, or the account that acts for it.
        member: String,
    },
    /// Tell the epoch, how many votes decide, and what is decided about the next epochs.
    Epochs,
    /// Make the public file by which an organisation asks to become a member, on its own machine.
    ///
    /// Its node's identity key signs the file, so that nobody brings in a node that is not theirs. Hand
    /// the file to a member, which proposes it.
    #[command(after_help = "\
Examples:
  commonhold member application --config node.toml --name 'Valley Hospital' \\
      --endpoint node.valley.example:9701 --acts 0x7099…79C8 -o valley.json
  commonhold member application --config node.toml --identity new.key --new \\
      --replaces 3 -o key.json     # another key for the node of member 3")]
    Application(application::Args),
    /// Propose something, as a member; gives the proposal's number. Proposing is approving.
    #[command(subcommand)]
    Propose(propose::Verb),
    /// List proposals, oldest first.
    Proposals {
        /// Only those that are voted on now.
        #[arg(long)]
        open: bool,
    },
    /// Show a proposal and who voted how on it.
    Proposal {
        /// Its number.
        id: u64,
    },
    /// Vote on a proposal, as a member, once. The vote that is enough decides.
    #[command(after_help = "\
Examples:
  commonhold member vote 0 --yes --reason 'we know them well' --account clinic")]
    Vote {
        /// Its number.
        id: u64,
        /// For it.
        #[arg(long, required_unless_present = "no", conflicts_with = "no")]
        yes: bool,
        /// Against it.
        #[arg(long)]
        no: bool,
        /// Why, for the other members and for good: up to 256 bytes.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take your own proposal back.
    Withdraw {
        /// Its number.
        id: u64,
    },
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let client = || args.rpc.client();
    match &args.verb {
        Verb::List { epoch: None } => listing::all(&client()?, out),
        Verb::List { epoch: Some(epoch) } => listing::committee(&client()?, *epoch, out),
        Verb::Show { member } => listing::show(&client()?, member, out),
        Verb::Epochs => listing::epochs(&client()?, out),
        Verb::Application(application) => application::run(application, &args.wallet, out),
        Verb::Propose(verb) => propose::run(verb, args, out),
        Verb::Proposals { open } => proposals::list(&client()?, *open, out),
        Verb::Proposal { id } => proposals::show(&client()?, *id, out),
        Verb::Vote {
            id, yes, reason, ..
        } => {
            let ballot = client()?.vote(&args.wallet.open()?, *id, *yes, reason)?;
            proposals::step(&ballot, out)
        }
        Verb::Withdraw { id } => {
            let ballot = client()?.withdraw_proposal(&args.wallet.open()?, *id)?;
            proposals::step(&ballot, out)
        }
    }
}
