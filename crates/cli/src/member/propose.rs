//! `commonhold member propose`.

use std::path::PathBuf;

use alloy_sol_types::SolCall;
use clap::{Subcommand, ValueEnum};
use commonhold_sdk::{
    Client,
    members::{
        Parameter, State, faults, proposeAccountCall, proposeAdmissionCall, proposeEndpointCall,
        proposeExpulsionCall, proposeKeyCall, proposeParameterCall, proposeUpgradeCall,
    },
};

use super::{Args, application::Application, proposals};
use crate::{client::who, exit::Failure, output::Output};

/// Why something is proposed.
#[derive(clap::Args)]
pub(super) struct Why {
    /// Why, for the other members and for good: up to 256 bytes.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Propose that an organisation becomes a member.
    #[command(after_help = "\
Examples:
  commonhold member propose admit valley.json --reason 'runs the hospital of the valley' \\
      --account clinic")]
    Admit {
        /// The file that it made with `commonhold member application`.
        file: PathBuf,
        #[command(flatten)]
        why: Why,
    },
    /// Propose that a member leaves.
    Expel {
        /// Its number, its name, or the account that acts for it.
        member: String,
        #[command(flatten)]
        why: Why,
    },
    /// Propose another identity key for a member's node.
    Key {
        /// The member.
        member: String,
        /// The file that it made with `commonhold member application --replaces`.
        file: PathBuf,
        #[command(flatten)]
        why: Why,
    },
    /// Propose where a member's node listens.
    Endpoint {
        /// The member.
        member: String,
        /// Where, `host:port`.
        endpoint: String,
        #[command(flatten)]
        why: Why,
    },
    /// Propose which account acts for a member.
    Acts {
        /// The member.
        member: String,
        /// Which: an address, an account of your keystore, or a handle.
        acts: String,
        #[command(flatten)]
        why: Why,
    },
    /// Propose a value for all.
    Parameter {
        /// Which.
        name: Name,
        /// Its value.
        value: u64,
        #[command(flatten)]
        why: Why,
    },
    /// Propose that nodes below a version stop before an epoch.
    Upgrade {
        /// The version, as 1.2.3
        version: String,
        /// The first epoch that needs it.
        #[arg(long, value_name = "E")]
        epoch: u64,
        #[command(flatten)]
        why: Why,
    },
}

/// What members set for all.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Name {
    /// Seconds within which a proposal is voted on.
    VoteSeconds,
    /// Gas of a block.
    BlockGasLimit,
}

pub(super) fn run(verb: &Verb, args: &Args, out: &mut Output) -> eyre::Result<()> {
    let client = args.rpc.client()?;
    let number = |text: &str| client.member(text).map(|member| member.number);
    let send = Sending {
        args,
        client: &client,
    };
    match verb {
        Verb::Admit { file, why } => match send.application(file)? {
            Application::Admission {
                name,
                public_key,
                endpoint,
                account,
                proof,
                ..
            } => {
                let call = proposeAdmissionCall {
                    name,
                    publicKey: public_key,
                    endpoint,
                    account,
                    proof,
                    reason: why.reason.clone(),
                };
                send.off(&call, out)
            }
            Application::Key { member, .. } => Err(Failure::Usage(format!(
                "{} asks for another key: `commonhold member propose key {member} {0}`",
                file.display()
            ))
            .into()),
        },
        Verb::Expel { member, why } => {
            warn(&client, out)?;
            let call = proposeExpulsionCall {
                number: number(member)?,
                reason: why.reason.clone(),
            };
            send.off(&call, out)
        }
        Verb::Key { member, file, why } => {
            let number = number(member)?;
            match send.application(file)? {
                Application::Key {
                    member,
                    public_key,
                    proof,
                    ..
                } if member == number => {
                    let call = proposeKeyCall {
                        number,
                        publicKey: public_key,
                        proof,
                        reason: why.reason.clone(),
                    };
                    send.off(&call, out)
                }
                Application::Key { member, .. } => Err(Failure::Refused(format!(
                    "{} is for the node of member {member}, not of member {number}",
                    file.display()
                ))
                .into()),
                Application::Admission { .. } => Err(Failure::Usage(format!(
                    "{} asks to become a member: `commonhold member propose admit {0}`",
                    file.display()
                ))
                .into()),
            }
        }
        Verb::Endpoint {
            member,
            endpoint,
            why,
        } => {
            let call = proposeEndpointCall {
                number: number(member)?,
                endpoint: endpoint.clone(),
                reason: why.reason.clone(),
            };
            send.off(&call, out)
        }
        Verb::Acts { member, acts, why } => {
            let call = proposeAccountCall {
                number: number(member)?,
                account: who(acts, &args.wallet.keystore()?, &client, out)?,
                reason: why.reason.clone(),
            };
            send.off(&call, out)
        }
        Verb::Parameter { name, value, why } => {
            let call = proposeParameterCall {
                parameter: match name {
                    Name::VoteSeconds => Parameter::VoteSeconds,
                    Name::BlockGasLimit => Parameter::BlockGasLimit,
                },
                value: *value,
                reason: why.reason.clone(),
            };
            send.off(&call, out)
        }
        Verb::Upgrade {
            version,
            epoch,
            why,
        } => {
            let call = proposeUpgradeCall {
                version: version.clone(),
                epoch: *epoch,
                reason: why.reason.clone(),
            };
            send.off(&call, out)
        }
    }
}

/// How a proposal is sent.
struct Sending<'a> {
    args: &'a Args,
    client: &'a Client,
}

impl Sending<'_> {
    /// Reads an application that is for this network.
    fn application(&self, file: &std::path::Path) -> eyre::Result<Application> {
        let application = Application::read(file)?;
        let (theirs, ours) = (application.chain_id(), self.client.chain_id()?);
        if theirs != ours {
            return Err(Failure::Refused(format!(
                "{} is for the network with chain id {theirs}; this one's is {ours}",
                file.display()
            ))
            .into());
        }
        Ok(application)
    }

    fn off(&self, call: &impl SolCall, out: &mut Output) -> eyre::Result<()> {
        let ballot = self.client.propose(&self.args.wallet.open()?, call)?;
        if ballot.state == State::Accepted {
            out.say("this was enough: it is accepted");
        }
        out.result(&proposals::Step::of(&ballot), |step| step.id.to_string())
    }
}

/// Says what it means to be fewer.
fn warn(client: &Client, out: &Output) -> eyre::Result<()> {
    let left = client.members()?;
    let left = left.iter().filter(|member| member.untilEpoch == 0).count();
    let left = u32::try_from(left.saturating_sub(1)).unwrap_or(u32::MAX);
    if faults(left) == 0 {
        out.say(format!(
            "without this member there are {left}: with fewer than four, none may fail, or the \
             network stops"
        ));
    }
    Ok(())
}
