//! Several nodes, of which some lie, lag or are away.

use std::time::{Duration, UNIX_EPOCH};

use commonhold_sdk::{
    Authorities, Kind, LightClient, SdkError,
    light::{Fault, Lie, Told},
    limits::LIGHT_QUIET_LOOKS_MAX,
    stamp::BlockFinding,
};
use serde_json::json;

use crate::{
    chain::{answer, block},
    network::Network,
    node::{Node, light},
};

const METHOD: &str = "commonhold_getCertificate";

fn shows(network: &Network, node: &Node, number: u64) {
    node.says(METHOD, &answer(network, &block(network, number), &[]));
}

/// Number, node, and the nodes that did not answer well.
fn summary(told: &Told<commonhold_sdk::light::Head>) -> (u64, &str, Vec<&str>) {
    let faults = told
        .faults
        .iter()
        .map(|fault| fault.node.as_str())
        .collect();
    (told.answer.block.number, &told.node, faults)
}

#[test]
fn who_lies_is_named_and_left() {
    let (network, forger) = (Network::new(1), Network::new(100));
    let (liar, away, honest) = (Node::start(), Node::start(), Node::start());
    shows(&forger, &liar, 99);
    away.sends(METHOD, Vec::new());
    shows(&network, &honest, 41);
    let mut asking = light(network.key, &[&liar, &away, &honest]);
    let told = asking.head().unwrap();
    assert_eq!(
        summary(&told),
        (41, &*honest.url, vec![&*liar.url, &*away.url])
    );
    assert!(matches!(told.faults[0].fault, Fault::Lie(Lie::Unproven(_))));
    // The next question goes where there was an answer.
    let before = liar.asked();
    shows(&network, &honest, 42);
    let told = asking
        .next_head(|| panic!("there is one"))
        .unwrap()
        .unwrap();
    assert_eq!(summary(&told), (42, &*honest.url, vec![]));
    assert_eq!(liar.asked(), before);
}

#[test]
fn where_all_fail_each_is_named_and_a_lie_weighs_most() {
    let (network, forger) = (Network::new(1), Network::new(100));
    let (liar, away) = (Node::start(), Node::start());
    shows(&forger, &liar, 99);
    away.sends(METHOD, Vec::new());
    let none = light(network.key, &[&away, &liar]).head().unwrap_err();
    assert_eq!(none.kind(), Kind::Integrity);
    let text = none.to_string();
    assert!(
        text.contains(&format!("the node at {} is not available", away.url)),
        "{text}"
    );
    assert!(
        text.contains(&format!("{} lies about the head", liar.url)),
        "{text}"
    );
    let none = light(network.key, &[&away]).head().unwrap_err();
    assert_eq!(none.kind(), Kind::Unavailable);
}

#[test]
fn following_leaves_a_node_that_lags_for_one_that_does_not() {
    let network = Network::new(1);
    let (slow, quick) = (Node::start(), Node::start());
    shows(&network, &slow, 41);
    shows(&network, &quick, 41);
    let mut asking = light(network.key, &[&slow, &quick]);
    assert_eq!(
        asking
            .next_head(|| panic!("there is one"))
            .unwrap()
            .unwrap()
            .answer
            .block
            .number,
        41
    );
    // Nobody has anything new: it goes on until the caller stops.
    let mut pauses = 0;
    let none = asking.next_head(|| {
        pauses += 1;
        pauses < 2 * LIGHT_QUIET_LOOKS_MAX
    });
    assert!(none.unwrap().is_none());
    assert_eq!(
        quick.asked(),
        2,
        "it is asked when the other has been quiet for long"
    );
    shows(&network, &quick, 45);
    let told = asking.next_head(|| true).unwrap().unwrap();
    assert_eq!(summary(&told), (45, &*quick.url, vec![&*slow.url]));
    assert!(matches!(
        told.faults[0].fault,
        Fault::Behind { told: 41, seen: 45 }
    ));
    // It stays there, and what the other shows later is no news.
    shows(&network, &slow, 44);
    shows(&network, &quick, 46);
    let told = asking
        .next_head(|| panic!("there is one"))
        .unwrap()
        .unwrap();
    assert_eq!(summary(&told), (46, &*quick.url, vec![]));
}

#[test]
fn following_goes_on_after_everybody_was_away() {
    let network = Network::new(1);
    let node = Node::start();
    shows(&network, &node, 41);
    let mut asking = light(network.key, &[&node]);
    asking
        .next_head(|| panic!("there is one"))
        .unwrap()
        .unwrap();
    node.sends(METHOD, Vec::new());
    assert_eq!(
        asking.next_head(|| true).unwrap_err().kind(),
        Kind::Unavailable
    );
    shows(&network, &node, 43);
    let told = asking
        .next_head(|| panic!("there is one"))
        .unwrap()
        .unwrap();
    assert_eq!(told.answer.block.number, 43);
}

#[test]
fn what_was_seen_counts_in_the_next_run() {
    let network = Network::new(1);
    let node = Node::start();
    shows(&network, &node, 41);
    let mut asking = light(network.key, &[&node]);
    asking.head().unwrap();
    let kept = serde_json::to_vec(asking.seen().unwrap()).unwrap();
    let seen: BlockFinding = serde_json::from_slice(&kept).unwrap();
    shows(&network, &node, 40);
    let mut again = light(network.key, &[&node]).resumed(seen.clone()).unwrap();
    let Err(SdkError::Light(none)) = again.head() else {
        panic!()
    };
    assert!(matches!(
        none.faults[0].fault,
        Fault::Behind { told: 40, seen: 41 }
    ));
    let other = light(Network::new(100).key, &[&node]).resumed(seen);
    assert_eq!(other.unwrap_err().kind(), Kind::Usage);
}

#[test]
fn the_age_of_a_head_is_by_the_callers_clock() {
    let network = Network::new(1);
    let node = Node::start();
    shows(&network, &node, 41);
    let head = light(network.key, &[&node]).head().unwrap().answer;
    let then = UNIX_EPOCH + Duration::from_millis(head.block.timestamp_ms);
    let hour = Duration::from_secs(3_600);
    assert_eq!(head.age(then + hour), hour);
    assert_eq!(head.age(then - hour), Duration::ZERO);
    assert_eq!(json!(head)["number"], 41);
}

#[test]
fn there_are_some_nodes_and_not_too_many() {
    let key = Network::new(1).key;
    let new = |urls: &[&str]| LightClient::new(key, urls, &Authorities::default());
    let kinds = [new(&[]), new(&["http://a"; 17]), new(&["ftp://a"])];
    for made in kinds {
        assert_eq!(made.unwrap_err().kind(), Kind::Usage);
    }
    assert!(new(&["http://a"; 16]).is_ok());
}
