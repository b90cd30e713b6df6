//! Members that lie.

use commonhold_seal::ceremony::Message;
use commonware_p2p::{Recipients, Sender as _};
use commonware_runtime::IoBuf;
use futures::future::{Either, select};
use std::pin::pin;

use super::*;
use crate::{
    Fault,
    limits::{LINGER_MILLIS_MAX, SILENT_MILLIS_MAX, TICK_MILLIS},
    wire::Status,
};
use commonhold_seal::ceremony::CeremonyError;

/// What a liar sends instead of a message to a member: nothing, or other bytes.
type Lie = fn(&Ceremony, u32, Message) -> Option<Vec<u8>>;

fn step(message: Message) -> Vec<u8> {
    Wire::Step(Box::new(message)).to_bytes().to_vec()
}

/// A member that follows the rules but for its lie and its status. It never leaves.
async fn lie(net: &mut Net, place: usize, lie: Lie, status: Option<Status>) -> Handle<()> {
    let mut ceremony = net.ceremony(place, 0);
    let (_, (mut sender, mut receiver)) = net.channel(place).await;
    let context = net.context.child("liar");
    context.spawn(move |mut context| async move {
        loop {
            let mut send = ceremony.resend();
            let mut tick = pin!(context.sleep(Duration::from_millis(TICK_MILLIS)));
            if let Some(status) = &status {
                let bytes = Wire::Status(status.clone()).to_bytes().to_vec();
                sender.send(Recipients::All, IoBuf::from(bytes), true);
            }
            loop {
                for (to, message) in send.drain(..) {
                    let receiver = ceremony.terms().place(&to).unwrap();
                    if let Some(bytes) = lie(&ceremony, receiver, message) {
                        sender.send(Recipients::One(to), IoBuf::from(bytes), true);
                    }
                }
                match select(tick.as_mut(), pin!(receiver.recv())).await {
                    Either::Left(_) => break,
                    Either::Right((Err(_), _)) => return,
                    Either::Right((Ok((from, bytes)), _)) => {
                        if let Some(Wire::Step(message)) = Wire::from_bytes(bytes.as_ref())
                            && let Ok(step) = ceremony.handle(&from, *message, &mut context)
                        {
                            send = step.send;
                        }
                    }
                }
            }
        }
    })
}

fn fault_of(net: &Net, place: usize, liar: u32) -> Option<Fault> {
    net.disk(place, |disk| {
        disk.events.iter().find_map(|event| match event {
            Event::Fault { member, fault } if *member == liar => Some(fault.clone()),
            _ => None,
        })
    })
}

async fn start_honest(net: &mut Net, how: How) -> Vec<(usize, Handle<Ran>)> {
    let mut started = Vec::new();
    for place in 0..3 {
        started.push((place, net.start(place, how).await));
    }
    started
}

/// Gives member 0 the share that it dealt to member 1.
fn another_share(ceremony: &Ceremony, to: u32, message: Message) -> Option<Vec<u8>> {
    if to != 0 || !matches!(message.body, Body::Deal(..)) {
        return Some(step(message));
    }
    let other = ceremony.resend().into_iter().find_map(|(to, message)| {
        let deals = matches!(message.body, Body::Deal(..));
        (ceremony.terms().place(&to) == Some(1) && deals).then_some(message)
    });
    other.map(step)
}

#[test]
fn a_false_dealing_is_refused_and_the_key_made_without_it() {
    run(1, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let liar = lie(&mut net, 3, another_share, None).await;
        let started = start_honest(&mut net, How::default()).await;
        let since = net.context.current();
        let ends = ended(started).await;
        net.check(0, &ends);
        let fault = fault_of(&net, 0, 3);
        let Some(Fault::Refused(CeremonyError::Dealing { dealer: 3, .. })) = fault else {
            panic!("{fault:?}");
        };
        for place in [1, 2] {
            assert_eq!(fault_of(&net, place, 3), None);
        }
        // It never says that it has finished: they stay for it as long as for anybody, and leave.
        let waited = net.context.current().duration_since(since).unwrap();
        assert!(waited >= Duration::from_millis(SILENT_MILLIS_MAX));
        assert!(waited <= Duration::from_millis(LINGER_MILLIS_MAX + 5_000));
        assert!(ends.iter().all(|(_, end)| end.lacking == [3].into()));
        liar.abort();
    });
}

fn garbage(_: &Ceremony, _: u32, _: Message) -> Option<Vec<u8>> {
    Some(vec![9; 40])
}

#[test]
fn garbage_is_named_and_its_sender_cut_off() {
    run(2, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let liar = lie(&mut net, 3, garbage, None).await;
        let started = start_honest(&mut net, How::default()).await;
        for (place, handle) in started {
            let Err(RunError::Incomplete(incomplete)) = handle.await.unwrap() else {
                panic!();
            };
            assert_eq!(incomplete.faults, BTreeMap::from([(3, Fault::Garbage)]));
            assert_eq!(fault_of(&net, place, 3), Some(Fault::Garbage));
        }
        let cut_off: BTreeSet<_> = net.oracle.blocked().await.unwrap().into_iter().collect();
        let key = |place: usize| net.keys[place].public_key();
        let expected: BTreeSet<_> = (0..3).map(|place| (key(place), key(3))).collect();
        assert_eq!(cut_off, expected);
        liar.abort();
    });
}

fn honest(_: &Ceremony, _: u32, message: Message) -> Option<Vec<u8>> {
    Some(step(message))
}

#[test]
fn one_that_claims_another_key_is_named_and_changes_nothing() {
    run(3, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let status = Status {
            life: 1,
            round: 0,
            result: Some(B256::repeat_byte(0xee)),
            done: (0..4).collect(),
        };
        let liar = lie(&mut net, 3, honest, Some(status)).await;
        let started = start_honest(&mut net, How::default()).await;
        let ends = ended(started).await;
        net.check(0, &ends);
        for (place, end) in &ends {
            assert_eq!(fault_of(&net, *place, 3), Some(Fault::OtherKey));
            assert_eq!(end.lacking, [3].into());
        }
        liar.abort();
    });
}

/// Brings its own confirmation as another member's.
fn steal(_: &Ceremony, to: u32, message: Message) -> Option<Vec<u8>> {
    let Body::Confirm(confirmation) = message.body else {
        return Some(step(message));
    };
    let stolen = BTreeMap::from([((to + 1) % 3, confirmation)]);
    Some(Wire::Proof(message.round, stolen).to_bytes().to_vec())
}

#[test]
fn a_confirmation_that_is_not_its_members_is_refused_whoever_brings_it() {
    run(5, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let liar = lie(&mut net, 3, steal, None).await;
        let started = start_honest(&mut net, How::default()).await;
        let ends = ended(started).await;
        net.check(0, &ends);
        for (place, end) in &ends {
            let of = (u32::try_from(*place).unwrap() + 1) % 3;
            let refused = Fault::Refused(CeremonyError::Confirmation(of));
            assert_eq!(fault_of(&net, *place, 3), Some(refused));
            let mut confirmed = end.finished.confirmations.keys();
            assert!(confirmed.all(|place| *place != 3));
        }
        liar.abort();
    });
}

/// What a member says is told once, however often it says
/// it; and a flood of starts does not fill the log.
#[test]
fn one_that_repeats_itself_does_not_fill_the_log() {
    run(4, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let (_, (mut sender, _receiver)) = net.channel(3).await;
        let flood = net.context.child("flood").spawn(move |context| async move {
            for life in 0.. {
                let status = Status {
                    life,
                    round: life,
                    result: None,
                    done: BTreeSet::new(),
                };
                let bytes = Wire::Status(status).to_bytes().to_vec();
                sender.send(Recipients::All, IoBuf::from(bytes), true);
                context.sleep(Duration::from_millis(20)).await;
            }
        });
        let handle = net.start(0, How::default()).await;
        assert!(matches!(
            handle.await.unwrap(),
            Err(RunError::Incomplete(_))
        ));
        let told = net.disk(0, |disk| disk.events.len());
        assert!(told < 80, "{told}");
        let comings = crate::limits::COMINGS_TOLD_MAX as usize;
        assert!(told >= comings, "{told}");
        flood.abort();
    });
}
