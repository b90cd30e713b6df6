//! What stands between an engine and the network: for honest members nothing at all. Only where one
//! lies for as long as it lives, the others have nothing to give before it has lied for the first time:
//! else whoever asks them first never comes to ask the liar.
//!
//! All members send through the same type, so that the simulator instantiates the engine once.

use commonhold_chain::{Network as Channels, network::CHANNELS};
use commonhold_primitives::consensus::MemberKey;
use commonware_p2p::{
    Recipients, Sender,
    simulated::{SplitOrigin, SplitTarget},
};
use commonware_runtime::{IoBuf, Supervisor as _, deterministic};

use super::{
    BACKFILL, Conduct, Inlet, OPENING, Outlet, STATE, babbler,
    dealer::Cheat,
    garbage,
    perjurer::{Perjurer, Perjury},
    pry,
    server::{Server, Verdict},
    storm,
    twins::Twins,
};
use crate::{member::Network, world::World};

/// What happens to a message on its way out.
#[derive(Clone)]
enum Hand {
    Open,
    Twins(Twins, World),
    Server(Server, World),
    Perjurer(Perjurer, World),
    Cheat(Cheat, World),
    Shy(World),
}

/// Counts what a member sends.
#[derive(Clone)]
struct Meter {
    world: World,
    index: usize,
}

impl Meter {
    fn count(&self, recipients: &Recipients<MemberKey>, message: &IoBuf) {
        let length = u64::try_from(message.as_ref().len()).unwrap_or_default();
        self.world.with(|w| {
            let reached = match recipients {
                Recipients::All => w.bytes_sent.len().saturating_sub(1),
                Recipients::Some(keys) => keys.len(),
                Recipients::One(_) => 1,
            };
            let bytes = length.saturating_mul(u64::try_from(reached).unwrap_or_default());
            w.bytes_sent[self.index] += bytes;
        });
    }
}

/// The channels of the engine of one member, or of its two engines where it is twins. Starts what
/// speaks beside the engine.
pub fn hold(
    context: &deterministic::Context,
    network: &Network,
    index: usize,
    channels: Vec<(Outlet, Inlet)>,
) -> Vec<Channels<impl Sender<PublicKey = MemberKey> + use<>, Inlet>> {
    let Network {
        founding,
        world,
        byzantine,
        cut_off,
        ..
    } = network;
    let conduct = byzantine.get(&index).copied();
    let mut others = byzantine.values();
    let hand = match conduct {
        Some(Conduct::Twins(first)) => {
            Hand::Twins(Twins::new(&founding.keys, first), world.clone())
        }
        Some(Conduct::Answer(falsehood)) => Hand::Server(Server::new(falsehood), world.clone()),
        Some(Conduct::Deal(misdeal)) => {
            Hand::Cheat(Cheat::new(misdeal, founding, index), world.clone())
        }
        Some(Conduct::Open(perjury)) => Hand::Perjurer(Perjurer::new(perjury), world.clone()),
        None if !cut_off && others.any(|c| matches!(c, Conduct::Answer(_))) => {
            Hand::Shy(world.clone())
        }
        _ => Hand::Open,
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (channel, (outlet, inlet)) in CHANNELS.into_iter().zip(channels) {
        let context = context.child("channel").with_attribute("number", channel);
        let inlet = match conduct {
            Some(Conduct::Babble(on)) if on.contains(&channel) => {
                let (inlet, tap) = inlet.split_with(context.child("tap"), |_| SplitTarget::Both);
                babbler::start(&context, world.clone(), channel, outlet.clone(), tap);
                inlet
            }
            Some(Conduct::Storm(storm)) => {
                let (inlet, tap) = inlet.split_with(context.child("tap"), |_| SplitTarget::Both);
                let storm = storm::Wind {
                    storm,
                    founding: founding.clone(),
                    index,
                    world: world.clone(),
                    channel,
                };
                storm.start(&context, outlet.clone(), tap);
                inlet
            }
            Some(Conduct::Open(Perjury::Pry)) if channel == OPENING => {
                let (inlet, tap) = inlet.split_with(context.child("tap"), |_| SplitTarget::Both);
                let (founding, world) = (founding.clone(), world.clone());
                pry::start(&context, founding, world, outlet.clone(), tap);
                inlet
            }
            _ => inlet,
        };
        let (inlet, other) = match &hand {
            Hand::Twins(twins, world) => {
                let (twins, world) = (twins.clone(), world.clone());
                let (inlet, other) = inlet.split_with(context.child("twins"), move |message| {
                    twins.hear(&world, channel, &message.0, message.1.as_ref())
                });
                (inlet, Some(other))
            }
            _ => (inlet, None),
        };
        let meter = Meter {
            world: world.clone(),
            index,
        };
        let (one, two) = outlet
            .clone()
            .split_with(forward(hand.clone(), channel, outlet, meter));
        first.push((one, inlet));
        second.extend(other.map(|inlet| (two, inlet)));
    }
    [first, second]
        .into_iter()
        .filter(|pairs| !pairs.is_empty())
        .map(|pairs| {
            let mut pairs = pairs.into_iter();
            Channels::register(|_| pairs.next().expect("one pair for each channel"))
        })
        .collect()
}

/// Whom a message goes to. Where another one goes out in its place, that is done here.
fn forward(
    hand: Hand,
    channel: u64,
    outlet: Outlet,
    meter: Meter,
) -> impl Fn(SplitOrigin, &Recipients<MemberKey>, &IoBuf) -> Option<Recipients<MemberKey>>
+ Clone
+ Send
+ Sync
+ 'static {
    move |origin, recipients, message| {
        meter.count(recipients, message);
        match &hand {
            Hand::Open => Some(recipients.clone()),
            Hand::Twins(twins, world) => {
                twins.send(world, channel, message.as_ref());
                twins.reach(origin, recipients)
            }
            Hand::Shy(world) => {
                let lied = world.with(|w| w.misdeeds_on.contains_key(&channel));
                match garbage::refuse(message.as_ref()) {
                    Some(nothing) if !lied && matches!(channel, BACKFILL | STATE) => {
                        outlet.clone().send(recipients.clone(), nothing, true);
                        None
                    }
                    _ => Some(recipients.clone()),
                }
            }
            Hand::Server(server, world) => {
                let verdict = server.judge(channel, message.as_ref());
                let lies = !matches!(verdict, Verdict::Pass);
                say(verdict, lies, world, channel, &outlet, recipients)
            }
            Hand::Cheat(cheat, world) => {
                let verdict = cheat.judge(channel, recipients, message.as_ref());
                let lies = !matches!(verdict, Verdict::Pass);
                say(verdict, lies, world, channel, &outlet, recipients)
            }
            Hand::Perjurer(perjurer, world) => {
                let (verdict, lies) = perjurer.judge(channel, message.as_ref());
                say(verdict, lies, world, channel, &outlet, recipients)
            }
        }
    }
}

/// Does what a liar decided, and writes down whether it lied.
fn say(
    verdict: Verdict,
    lies: bool,
    world: &World,
    channel: u64,
    outlet: &Outlet,
    recipients: &Recipients<MemberKey>,
) -> Option<Recipients<MemberKey>> {
    if lies {
        world.with(|w| w.misdeed(channel));
    }
    match verdict {
        Verdict::Pass => Some(recipients.clone()),
        Verdict::Drop => None,
        Verdict::Instead(lie) => {
            outlet.clone().send(recipients.clone(), lie, true);
            None
        }
    }
}
