//! A node's place among the members: its epoch, its share, its version, whom it hears of, how far behind it is.

use std::time::Duration;

use commonhold_node::{ceremony, config::NodeConfig, keys};
use commonhold_sdk::{
    Client,
    members::{quorum, version},
};
use serde_json::Value;

use super::{Level, ports};
use crate::{
    http::{Asker, Health},
    limits::BLOCKS_BEHIND_WARN,
};

type Found = (Level, String);

/// What is found of a node that answers.
pub(super) struct Place {
    pub(super) epoch: Found,
    pub(super) share: Found,
    pub(super) version: Found,
    pub(super) peers: Found,
    /// Members that cannot be reached from here.
    pub(super) unreached: Vec<Found>,
}

/// Asks the node at `base`, which said `health`, for its place.
pub(super) fn examine(config: &NodeConfig, health: &Health, base: &str) -> eyre::Result<Place> {
    let me = keys::public(&keys::read_identity(&config.identity)?);
    let client = Client::new(base)?;
    let epochs = client.epochs()?;
    let mut seats = Vec::new();
    for epoch in epochs.epoch..=epochs.fixed_until {
        let committee = client.committee(epoch)?;
        let is_in = committee.iter().any(|seat| seat.publicKey == me);
        seats.push((epoch, is_in));
    }
    let now = seats.first().is_some_and(|(_, is_in)| *is_in);
    let needed = client.version_at(epochs.epoch)?;
    let later = client.version_at(epochs.fixed_until)?;
    let members = members(base)?;
    let others = members.iter().filter(|member| !member.own);
    let unreached = others
        .filter(|_| now)
        .filter_map(|member| Some((member, ports::unreached(&member.endpoint)?)))
        .map(|(member, why)| {
            let what = format!(
                "{:?} at {} cannot be reached from here: {why}",
                member.name, member.endpoint
            );
            (Level::Warn, what)
        });
    Ok(Place {
        epoch: in_epoch(&seats),
        share: share(now, health.is("signs")),
        version: suffices(&health.word("version").unwrap_or_default(), &needed, &later),
        peers: peers(&members, now),
        unreached: unreached.collect(),
    })
}

/// In which of the settled epochs, the current one first, the member is in the committee.
fn in_epoch(seats: &[(u64, bool)]) -> Found {
    let Some((epoch, now)) = seats.first().copied() else {
        return (Level::Integrity, "the node names no epoch".into());
    };
    let until = seats.last().map_or(epoch, |(last, _)| *last);
    let changes = seats.iter().find(|(_, is_in)| *is_in != now);
    match (now, changes) {
        (true, None) => (
            Level::Ok,
            format!(
                "epoch {epoch}: this member is in its committee and in all that are settled, to epoch {until}"
            ),
        ),
        (true, Some((last, _))) => (
            Level::Warn,
            format!(
                "epoch {epoch}: this member's key is in no committee from epoch {last} on: the members decided so \
                 (commonhold member show)"
            ),
        ),
        (false, Some((first, _))) => (
            Level::Ok,
            format!("epoch {epoch}: this member takes part from epoch {first} on"),
        ),
        (false, None) => (
            Level::Refused,
            format!(
                "epoch {epoch}: this key is in no committee to epoch {until}: it was expelled, has been replaced, or \
                 is not admitted yet"
            ),
        ),
    }
}

/// Whether the member signs.
fn share(now: bool, signs: Option<bool>) -> Found {
    match (now, signs) {
        (_, Some(true)) => (
            Level::Ok,
            "signs in this epoch, with its share of the network key".into(),
        ),
        (true, Some(false)) => (
            Level::Warn,
            "only verifies in this epoch, for want of a share of the network key: it signs again in the epoch after \
             the next ceremony that it takes part in"
                .into(),
        ),
        (false, Some(false)) => (
            Level::Ok,
            "only verifies: it is not in this epoch's committee".into(),
        ),
        (_, None) => (
            Level::Warn,
            "the node does not say whether it signs: it is starting, or older than this program".into(),
        ),
    }
}

/// Whether the version that runs is as new as members decided.
fn suffices(own: &str, needed: &str, later: &str) -> Found {
    let is_older = |wanted: &str| version(wanted) > version(own);
    if is_older(needed) {
        (
            Level::Refused,
            format!("version {own}, and the members decided on {needed} for this epoch"),
        )
    } else if is_older(later) {
        (
            Level::Warn,
            format!(
                "version {own}, and within three epochs the members need {later}: install it before the node stops"
            ),
        )
    } else {
        (Level::Ok, format!("version {own} is what the members need"))
    }
}

/// A member as the node sees it.
struct Member {
    name: String,
    endpoint: String,
    own: bool,
    takes_turns: bool,
}

fn members(base: &str) -> eyre::Result<Vec<Member>> {
    let told = Asker::new(Duration::from_secs(5)).get(&format!("{base}/api/members"))?;
    let text = |member: &Value, field: &str| {
        member
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let is = |member: &Value, field: &str| member.get(field).and_then(Value::as_bool) == Some(true);
    let told = told.as_array().map(Vec::as_slice).unwrap_or_default();
    let members = told.iter().map(|member| Member {
        name: text(member, "name"),
        endpoint: text(member, "endpoint"),
        own: is(member, "isSelf"),
        takes_turns: is(member, "connected"),
    });
    Ok(members.collect())
}

/// Who takes turns, and who does not, by name.
fn peers(members: &[Member], now: bool) -> Found {
    let away: Vec<String> = members
        .iter()
        .filter(|member| !member.takes_turns && (!member.own || now))
        .map(|member| format!("{:?}", member.name))
        .collect();
    let all = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let here = all.saturating_sub(u32::try_from(away.len()).unwrap_or(u32::MAX));
    let away = away.join(", ");
    let seen = format!("{here} of {all} members take their turns");
    if here == all {
        (Level::Ok, seen)
    } else if here < quorum(all) {
        (
            Level::Unavailable,
            format!(
                "{seen}, fewer than the {} that make blocks; not: {away}",
                quorum(all)
            ),
        )
    } else {
        (Level::Warn, format!("{seen}; not: {away}"))
    }
}

/// How far the node is behind the others that its configuration names.
pub(super) fn lag(asker: &Asker, config: &NodeConfig, own: Option<u64>) -> Found {
    let blocks = config
        .http
        .peers
        .iter()
        .filter_map(|peer| asker.health(peer).ok()?.block);
    let Some(newest) = blocks.max() else {
        return (
            Level::Ok,
            "nobody to compare with: http.peers names no node that answers".into(),
        );
    };
    let behind = newest.saturating_sub(own.unwrap_or_default());
    let level = if behind > BLOCKS_BEHIND_WARN {
        Level::Unavailable
    } else {
        Level::Ok
    };
    (
        level,
        format!("{behind} blocks behind the others' newest, {newest}"),
    )
}

/// What the founding left behind and is of no use any more.
pub(super) fn founding(config: &NodeConfig, epoch: Option<u64>) -> Found {
    if epoch.unwrap_or_default() == 0 {
        return (Level::Ok, "the first epoch: what it left is of use".into());
    }
    let left: Vec<String> = [config.share.clone()]
        .into_iter()
        .chain(ceremony::memories(config))
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    if left.is_empty() {
        (Level::Ok, "nothing left that could make old shares".into())
    } else {
        (
            Level::Warn,
            format!(
                "could make this member's first shares; delete it once all members run: {}",
                left.join(", ")
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_and_goes_is_told_with_the_epoch() {
        let at = |seats: &[(u64, bool)]| in_epoch(seats);
        let (level, said) = at(&[(4, true), (5, true), (6, true), (7, true)]);
        assert!(level == Level::Ok && said.contains("to epoch 7"), "{said}");
        let (level, said) = at(&[(4, true), (5, true), (6, false), (7, false)]);
        assert!(
            level == Level::Warn && said.contains("from epoch 6 on"),
            "{said}"
        );
        let (level, said) = at(&[(4, false), (5, false), (6, false), (7, true)]);
        assert!(
            level == Level::Ok && said.contains("from epoch 7 on"),
            "{said}"
        );
        let (level, said) = at(&[(4, false), (5, false)]);
        assert!(
            level == Level::Refused && said.contains("expelled"),
            "{said}"
        );
        assert!(at(&[]).0 == Level::Integrity);
    }

    #[test]
    fn an_older_version_is_told_before_and_after_it_stops_a_node() {
        let level = |own, needed, later| suffices(own, needed, later).0;
        assert!(level("0.1.0", "", "") == Level::Ok);
        assert!(level("0.10.0", "0.9.0", "0.10.0") == Level::Ok);
        assert!(level("0.9.0", "", "0.10.0") == Level::Warn);
        assert!(level("0.9.0", "0.10.0", "0.10.0") == Level::Refused);
    }

    #[test]
    fn members_that_take_no_turns_are_named() {
        let member = |name: &str, takes_turns| Member {
            name: name.into(),
            endpoint: "a:1".into(),
            own: name == "North",
            takes_turns,
        };
        let network = |away: &[&str]| {
            ["North", "East", "South", "West"].map(|name| member(name, !away.contains(&name)))
        };
        assert!(peers(&network(&[]), true).0 == Level::Ok);
        let (level, said) = peers(&network(&["West"]), true);
        assert!(
            level == Level::Warn && said.ends_with("not: \"West\""),
            "{said}"
        );
        let (level, said) = peers(&network(&["West", "East"]), true);
        assert!(
            level == Level::Unavailable && said.contains("\"East\", \"West\""),
            "{said}"
        );
        // One that is not in this epoch has no turns to take.
        assert!(peers(&network(&["North"]), false).0 == Level::Ok);
        assert!(peers(&network(&["North"]), true).0 == Level::Warn);
    }

    #[test]
    fn whoever_only_verifies_is_told_why() {
        assert!(share(true, Some(true)).0 == Level::Ok);
        assert!(share(true, Some(false)).0 == Level::Warn);
        assert!(share(false, Some(false)).0 == Level::Ok);
        assert!(share(true, None).0 == Level::Warn);
    }
}
