//! `commonhold energy community`: found one, show it, invite to it, change its rules by vote.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, keccak256};
use clap::Subcommand;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Community, Founded, RulesProposed, Weight, WeightsProposed, communitiesCall, foundCall,
        inviteCall, proposalCall, proposeRulesCall, proposeWeightsCall, proposedWeightsCall,
        setTariffCall, voteCall,
    },
};
use commonhold_sdk::{Client, clock::now_ms};
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;
use serde_json::json;

use super::{
    rules::{RulesArgs, Shown, usual, weight},
    which::{self, CommunityArg},
};
use crate::{ledger, moments};

/// Communities: found, show, invite, propose rules, vote, state a supplier's prices.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Found a community; gives its number. Who founds it invites to it.
    #[command(after_help = "\
Examples:
  commonhold energy community create 'Elm Street' --retail 280000 --feed-in 60000 --network-fee 60000
  commonhold energy community create 'Elm Street' --mode dynamic --local-price 120000 --slot 30")]
    Create(Box<Create>),
    /// Show a community and its members; without a number, all communities.
    Show {
        /// The community's number.
        number: Option<u64>,
    },
    /// Let somebody join, as who founded the community.
    Invite {
        /// Whom: an address, an account of your keystore, or a handle.
        who: String,
        #[command(flatten)]
        community: CommunityArg,
    },
    /// Propose other rules, as a member; gives the proposal's number. Proposing is voting for them.
    #[command(after_help = "\
Examples:
  commonhold energy community propose --mode hybrid --local-price 120000
  commonhold energy simulate DIR        # what they would come to")]
    Propose {
        #[command(flatten)]
        rules: RulesArgs,
        #[command(flatten)]
        community: CommunityArg,
    },
    /// Propose what members weigh under the static, hybrid and priority keys, as a member.
    #[command(after_help = "\
Examples:
  commonhold energy community weigh anna=3 bert=2 4=0     # 4: the place of a meter

Under the static and hybrid keys a member's part is its weight of the weights of all who take part; under the
priority key the heaviest comes first. Everybody weighs 1 until members decide otherwise.")]
    Weigh {
        /// A household or a place, and its weight: 0 to 8191.
        #[arg(value_name = "WHO=WEIGHT", required = true, value_parser = weight)]
        weights: Vec<(String, u16)>,
        #[command(flatten)]
        community: CommunityArg,
    },
    /// Vote on a proposal, as a member. More than half of all members decide.
    Vote {
        /// The proposal's number.
        proposal: u64,
        /// Vote against it.
        #[arg(long)]
        against: bool,
    },
    /// State your prices as a supplier.
    Tariff {
        /// For energy from the grid, micro-currency per kWh.
        #[arg(long, value_name = "MICRO", allow_hyphen_values = true)]
        retail: i64,
        /// For energy to it.
        #[arg(long, value_name = "MICRO", allow_hyphen_values = true)]
        feed_in: i64,
        #[command(flatten)]
        community: CommunityArg,
    },
}

#[derive(clap::Args)]
struct Create {
    /// What it is called.
    name: String,
    #[command(flatten)]
    rules: RulesArgs,
    /// What no kWh costs more than, fees included, micro-currency [default: the retail price, or 1000000].
    #[arg(long, value_name = "MICRO")]
    ceiling: Option<u64>,
    /// What you take as a supplier, micro-currency per kWh.
    #[arg(
        long,
        value_name = "MICRO",
        requires = "feed_in",
        allow_hyphen_values = true
    )]
    retail: Option<i64>,
    /// What you give as a supplier.
    #[arg(
        long,
        value_name = "MICRO",
        requires = "retail",
        allow_hyphen_values = true
    )]
    feed_in: Option<i64>,
    /// When the first slot begins, a full hour; one in the past makes a rehearsal that plays the past again
    /// [default: the next hour].
    #[arg(long, value_name = "TIME", value_parser = moments::parse)]
    start: Option<u64>,
    /// The zone that certificates name.
    #[arg(long, default_value = "")]
    zone: String,
    /// The network operator, who gets its fees and answers for certificates [default: you].
    #[arg(long, value_name = "WHO")]
    network: Option<String>,
    /// Who gets the community's fees [default: you].
    #[arg(long, value_name = "WHO")]
    treasury: Option<String>,
    /// Who gets levies [default: you].
    #[arg(long, value_name = "WHO")]
    levy_to: Option<String>,
}

/// The hash that stands for a code or a name on the ledger; zero for none.
pub(crate) fn hashed(text: &str) -> B256 {
    if text.is_empty() {
        B256::ZERO
    } else {
        keccak256(text)
    }
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let client = session.client()?;
    match &args.verb {
        Verb::Create(create) => found(create, session, &client),
        Verb::Show { number: None } => list(&client),
        Verb::Show {
            number: Some(number),
        } => show(session, &client, *number),
        Verb::Invite { who, community } => {
            let community = community.meant(&client)?;
            let household = session.who(who)?;
            let call = inviteCall {
                community,
                household,
            };
            client.send_call(&session.account()?, ADDRESS, &call)?;
            let data = json!({ "community": community, "invited": household });
            let text = format!(
                "{household} may join: `commonhold energy join --community {community} --meter FILE …`"
            );
            Answer::of(&data, text)
        }
        Verb::Propose { rules, community } => {
            let community = community.meant(&client)?;
            let before = ledger::community(&client, community)?.rules;
            let rules = rules.over(&before);
            let shown = Shown::of(&rules);
            let call = proposeRulesCall { community, rules };
            let told: RulesProposed = client.send_for_event(&session.account()?, ADDRESS, &call)?;
            proposal(&client, told.proposal, Some(shown))
        }
        Verb::Weigh { weights, community } => {
            let community = community.meant(&client)?;
            let mut places = BTreeMap::new();
            for (who, weight) in weights {
                let index = match who.parse() {
                    Ok(index) => index,
                    Err(_) => {
                        let (address, _) = which::household(session, community, Some(who))?;
                        ledger::member(&client, community, address)?.index
                    }
                };
                if places.insert(index, *weight).is_some() {
                    return Err(Refused(format!("{who} has two weights")).into());
                }
            }
            let weights = places.into_iter();
            let call = proposeWeightsCall {
                community,
                weights: weights
                    .map(|(index, weight)| Weight { index, weight })
                    .collect(),
            };
            let told: WeightsProposed =
                client.send_for_event(&session.account()?, ADDRESS, &call)?;
            proposal(&client, told.proposal, None)
        }
        Verb::Vote {
            proposal: number,
            against,
        } => {
            let call = voteCall {
                proposal: *number,
                approve: !against,
            };
            client.send_call(&session.account()?, ADDRESS, &call)?;
            proposal(&client, *number, None)
        }
        Verb::Tariff {
            retail,
            feed_in,
            community,
        } => {
            let community = community.meant(&client)?;
            let call = setTariffCall {
                community,
                retail: *retail,
                feedIn: *feed_in,
            };
            client.send_call(&session.account()?, ADDRESS, &call)?;
            let data = json!({ "community": community, "retail": retail, "feed_in": feed_in });
            Answer::of(&data, "your prices are stated, for two days at least")
        }
    }
}

fn proposal(client: &Client, number: u64, shown: Option<Shown>) -> eyre::Result<Answer> {
    let told = client.call(ADDRESS, &proposalCall { number })?;
    let rules = shown.unwrap_or_else(|| Shown::of(&told.rules));
    let members = ledger::community(client, told.ofCommunity)?.members;
    let weights = client.call(ADDRESS, &proposedWeightsCall { number })?;
    let line = |one: &Weight| format!("place {} weighs {}", one.index, one.weight);
    let what = if weights.is_empty() {
        rules.text()
    } else {
        weights.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    let weights: Vec<_> = weights
        .iter()
        .map(|one| json!({ "index": one.index, "weight": one.weight }))
        .collect();
    let text = format!(
        "proposal {number}: {what}\n{} for it, {} against it, of {members}: {}",
        told.approvals,
        told.rejections,
        if told.decided {
            "decided"
        } else {
            "open: members vote by `commonhold energy community vote`"
        },
    );
    let data = json!({
        "proposal": number,
        "community": told.ofCommunity,
        "rules": rules,
        "weights": weights,
        "approvals": told.approvals,
        "rejections": told.rejections,
        "members": members,
        "expires": told.expires,
        "decided": told.decided,
    });
    Answer::of(&data, text)
}

fn found(create: &Create, session: &dyn Session, client: &Client) -> eyre::Result<Answer> {
    let account = session.account()?;
    let me = account.address();
    let who = |text: &Option<String>| match text {
        Some(text) => session.who(text),
        None => Ok(me),
    };
    let hour = 3_600;
    let next = (now_ms() / 1_000 / hour)
        .saturating_add(1)
        .saturating_mul(hour);
    let ceiling = create
        .ceiling
        .or_else(|| create.retail.and_then(|retail| u64::try_from(retail).ok()));
    let call = foundCall {
        name: create.name.clone(),
        zone: hashed(&create.zone),
        network: who(&create.network)?,
        treasury: who(&create.treasury)?,
        levyTo: who(&create.levy_to)?,
        ceiling: ceiling.unwrap_or(1_000_000),
        start: create.start.unwrap_or(next),
        rules: create.rules.over(&usual()),
    };
    let told: Founded = client.send_for_event(&account, ADDRESS, &call)?;
    let community = told.community;
    if let Some((retail, feed_in)) = create.retail.zip(create.feed_in) {
        let call = setTariffCall {
            community,
            retail,
            feedIn: feed_in,
        };
        client.send_call(&account, ADDRESS, &call)?;
    }
    let data = json!({
        "community": community,
        "start": told.start,
        "rules": Shown::of(&call.rules),
    });
    let text = format!(
        "community {community}: its first slot begins at {}\nnow invite: \
         `commonhold energy community invite WHO --community {community}`",
        moments::show(told.start)
    );
    Answer::of(&data, text)
}

#[derive(Serialize)]
struct Listed {
    community: u64,
    name: String,
    members: u32,
    next: u64,
}

fn list(client: &Client) -> eyre::Result<Answer> {
    let total = client.call(ADDRESS, &communitiesCall {})?;
    let mut listed = Vec::new();
    for number in 1..=total {
        let found = ledger::community(client, number)?;
        listed.push(Listed {
            community: number,
            name: found.name,
            members: found.members,
            next: found.next,
        });
    }
    let line = |one: &Listed| {
        format!(
            "{}  {}  {} members, next slot {}",
            one.community,
            one.name,
            one.members,
            moments::show(one.next)
        )
    };
    let text = if listed.is_empty() {
        "there is no community yet: found one with `commonhold energy community create`".to_owned()
    } else {
        listed.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    Answer::of(&json!({ "communities": listed }), text)
}

#[derive(Serialize)]
struct MemberShown {
    household: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    meter: B256,
    index: u32,
    fuse: u32,
    supplier: Address,
    buy: i64,
    sell: i64,
    weight: u16,
    active: bool,
    joined: u64,
    leaves: u64,
    balance: String,
    reserve: String,
    statement: String,
    import_local_wh: u64,
    import_grid_wh: u64,
    export_local_wh: u64,
    export_grid_wh: u64,
}

fn show(session: &dyn Session, client: &Client, number: u64) -> eyre::Result<Answer> {
    let found = ledger::community(client, number)?;
    let names = which::names(session, number)?;
    let mut members = Vec::new();
    for household in ledger::households(client, number)? {
        let one = ledger::member(client, number, household)?;
        members.push(MemberShown {
            household,
            name: names.get(&household).cloned(),
            meter: one.meter,
            index: one.index,
            fuse: one.fuse,
            supplier: one.supplier,
            buy: one.buy,
            sell: one.sell,
            weight: one.weight,
            active: one.active,
            joined: one.joined,
            leaves: one.leaves,
            balance: one.balance.to_string(),
            reserve: one.reserve.to_string(),
            statement: one.statement.to_string(),
            import_local_wh: one.importLocal,
            import_grid_wh: one.importGrid,
            export_local_wh: one.exportLocal,
            export_grid_wh: one.exportGrid,
        });
    }
    let text = text(number, &found, &members);
    let data = json!({
        "community": number,
        "name": found.name,
        "manager": found.manager,
        "network": found.network,
        "treasury": found.treasury,
        "levy_to": found.levyTo,
        "ceiling": found.ceiling,
        "rehearsal": found.rehearsal,
        "next": found.next,
        "settling": found.settling,
        "expected": found.expected,
        "rules": Shown::of(&found.rules),
        "rules_from": found.rulesFrom,
        "members": members,
    });
    Answer::of(&data, text)
}

fn text(number: u64, found: &Community, members: &[MemberShown]) -> String {
    let mut lines = vec![
        format!("community {number}: {}", found.name),
        Shown::of(&found.rules).text(),
        format!(
            "next slot {}, {} meters expected{}",
            moments::show(found.next),
            found.expected,
            if found.rehearsal { ", a rehearsal" } else { "" }
        ),
    ];
    for one in members {
        let who = one
            .name
            .clone()
            .unwrap_or_else(|| one.household.to_string());
        let part = if one.leaves != 0 {
            "leaves"
        } else if one.active {
            "takes part"
        } else {
            "lacks its reserve: `commonhold energy deposit`"
        };
        lines.push(format!(
            "{:>4}  {who}  buys at {} sells at {}, weighs {}  {} Wh from and {} Wh to neighbours  {part}",
            one.index, one.buy, one.sell, one.weight, one.import_local_wh, one.export_local_wh
        ));
    }
    lines.join("\n")
}
