//! What is revealed is not used.

use commonware_cryptography::bls12381::dkg::feldman_desmedt::{Dealer, observe};
use commonware_parallel::Sequential;
use commonware_utils::N3f1;

use super::*;
use crate::ceremony::{message::SignedLog, outcome::RoundLogs};

/// The log of a dealer that follows the underlying protocol and reveals the shares of `silent`.
fn revealing(net: &mut Net, dealer: u32, silent: u32) -> SignedLog {
    let terms = net.alive[&dealer].terms().clone();
    let info = terms.info().unwrap();
    let key = net.keys[dealer as usize].clone();
    let (mut state, commitment, shares) =
        Dealer::start::<N3f1>(&mut net.rng, info, key.clone(), None).unwrap();
    for (member, share) in shares {
        let place = net.place(&member);
        if place == silent {
            continue;
        }
        let message = Message {
            round: terms.round(),
            body: Body::Deal(commitment.clone(), share),
        };
        let ack = if place == dealer {
            let mut player = commonware_cryptography::bls12381::dkg::feldman_desmedt::Player::new(
                terms.info().unwrap(),
                key.clone(),
            )
            .unwrap();
            let Body::Deal(commitment, share) = message.body else {
                panic!();
            };
            player
                .dealer_message::<N3f1>(member.clone(), commitment, share)
                .unwrap()
                .unwrap()
        } else {
            let from = net.key(dealer);
            let receiver = net.alive.get_mut(&place).unwrap();
            let step = receiver.handle(&from, message, &mut net.rng).unwrap();
            net.disks.insert(place, receiver.memory().to_vec());
            let [
                (
                    _,
                    Message {
                        body: Body::Ack(ack),
                        ..
                    },
                ),
            ] = step.send.as_slice()
            else {
                panic!();
            };
            ack.clone()
        };
        state.receive_player_ack(member, ack).unwrap();
    }
    state.finalize::<N3f1>()
}

fn log_message(log: SignedLog) -> Message {
    Message {
        round: 0,
        body: Body::Log(Box::new(log)),
    }
}

#[test]
fn a_dealer_that_reveals_is_left_out_and_the_others_finish() {
    let mut net = Net::new(4, 0);
    let log = revealing(&mut net, 3, 2);
    let liar = net.key(3);
    let chair = net.alive.get_mut(&0).unwrap();
    assert_eq!(
        chair
            .handle(&liar, log_message(log), &mut net.rng)
            .unwrap_err(),
        CeremonyError::Reveals {
            dealer: 3,
            members: vec![2]
        }
    );
    // It acknowledges what the others deal. Their three logs are a quorum.
    net.resend_all();
    net.run();
    assert!(net.finished().starts_with(&[0, 1, 2]));
    let two_faced = CeremonyError::TwoFaced {
        member: 3,
        what: "dealings",
    };
    assert!(!net.refusals.is_empty());
    assert!(net.refusals.iter().all(|e| *e == two_faced));
}

#[test]
fn a_chair_that_proposes_what_was_revealed_is_refused() {
    let mut net = Net::new(4, 0);
    let revealed = revealing(&mut net, 0, 2);
    net.kill(0);
    let logs = vec![revealed];
    let terms = net.alive[&1].terms().clone();
    let proposal = Proposal::sign(&terms, logs, &net.keys[0]);
    let chair = net.key(0);
    for place in 1..4 {
        let message = Message {
            round: 0,
            body: Body::Proposal(proposal.clone()),
        };
        let member = net.alive.get_mut(&place).unwrap();
        assert_eq!(
            member.handle(&chair, message, &mut net.rng).unwrap_err(),
            CeremonyError::Reveals {
                dealer: 0,
                members: vec![2]
            }
        );
        assert!(member.finished().is_none());
    }
}

/// The last line: were revealing logs ever put together, the result is void.
#[test]
fn a_result_of_which_shares_were_revealed_is_void() {
    let mut net = Net::new(4, 0);
    let terms = net.alive[&0].terms().clone();
    let info = terms.info().unwrap();
    let mut logs = RoundLogs::new(info.clone());
    // f + 1 = 2 dealers reveal the same member's share, and a third, being two-faced, another's.
    for (dealer, silent) in [(0, 3), (1, 3), (2, 3)] {
        let (dealer, log) = revealing(&mut net, dealer, silent).check(&info).unwrap();
        logs.record(dealer, log);
    }
    let output = observe(&mut net.rng, logs, &Sequential).unwrap();
    assert_eq!(output.revealed().len(), 1);
    let e = terms.accept(&output).unwrap_err();
    assert_eq!(
        e,
        CeremonyError::Revealed {
            round: 0,
            members: vec![3]
        }
    );
    assert!(e.to_string().ends_with("start round 1"));
}
