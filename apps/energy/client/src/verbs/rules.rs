//! A community's rules as they are written on a command line.

use clap::ValueEnum;
use commonhold_energy_contract::{
    clearing::Fraction,
    interface::IEnergy::{Mode, Rules},
    limits::{ROUNDS_MAX, WEIGHT_MAX},
};
use serde::Serialize;

/// Rounds of the hybrid key where nothing is said.
const ROUNDS_USUAL: u8 = 5;

/// How a community deals.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// One price, found slot by slot.
    Auction,
    /// Shares by weight; what is not used is fed in.
    Static,
    /// Shares by weight, and again of what is left.
    Hybrid,
    /// By consumption.
    Dynamic,
    /// The heaviest first, and of one weight in the order of the homes.
    Priority,
}

impl ModeArg {
    pub(crate) const ALL: [Self; 5] = [
        Self::Auction,
        Self::Static,
        Self::Hybrid,
        Self::Dynamic,
        Self::Priority,
    ];

    const fn mode(self) -> Mode {
        match self {
            Self::Auction => Mode::Auction,
            Self::Static => Mode::Static,
            Self::Hybrid => Mode::Hybrid,
            Self::Dynamic => Mode::Dynamic,
            Self::Priority => Mode::Priority,
        }
    }
}

/// What a mode is called.
pub(crate) const fn named(mode: Mode) -> &'static str {
    match mode {
        Mode::Auction => "auction",
        Mode::Static => "static",
        Mode::Hybrid => "hybrid",
        Mode::Dynamic => "dynamic",
        Mode::Priority => "priority",
        Mode::__Invalid => "unknown",
    }
}

/// Rules; what is not given stays as it is.
#[derive(clap::Args, Default)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RulesArgs {
    /// How the community deals [default: auction, or as it is].
    #[arg(long, value_name = "MODE", value_enum)]
    pub(crate) mode: Option<ModeArg>,
    /// Rounds of the hybrid key [default: 5].
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(ROUNDS_MAX)))]
    rounds: Option<u8>,
    /// Where an auction's price lies between its bounds [default: 1/2].
    #[arg(long, value_name = "FRACTION", value_parser = parts)]
    k: Option<(u32, u32)>,
    /// The price under a sharing key, micro-currency per kWh.
    #[arg(long, value_name = "MICRO", allow_hyphen_values = true)]
    pub(crate) local_price: Option<i64>,
    /// What buyers pay to the network operator, micro-currency per kWh.
    #[arg(long, value_name = "MICRO")]
    pub(crate) network_fee: Option<i64>,
    /// To the community.
    #[arg(long, value_name = "MICRO")]
    pub(crate) community_fee: Option<i64>,
    /// In taxes and levies.
    #[arg(long, value_name = "MICRO")]
    pub(crate) levy: Option<i64>,
    /// Minutes of a slot: 15, 30 or 60 [default: 15].
    #[arg(long, value_name = "MINUTES", value_parser = minutes)]
    pub(crate) slot: Option<u32>,
    /// How long missing readings are waited for, such as 90m, 12h, 2d [default: 24h].
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(crate) grace: Option<u32>,
    /// How long later versions of readings are waited for [default: 0m].
    #[arg(long = "final", value_name = "TIME", value_parser = span)]
    pub(crate) finality: Option<u32>,
}

/// What a community begins with where nothing is said.
pub(crate) const fn usual() -> Rules {
    Rules {
        mode: Mode::Auction,
        rounds: 0,
        kNumerator: 1,
        kDenominator: 2,
        localPrice: 0,
        networkFee: 0,
        communityFee: 0,
        levy: 0,
        slotSeconds: 900,
        graceSeconds: 86_400,
        finalSeconds: 0,
    }
}

impl RulesArgs {
    /// These rules, over what there is.
    pub(crate) fn over(&self, before: &Rules) -> Rules {
        let mode = self.mode.map_or(before.mode, ModeArg::mode);
        let k = self.k.unwrap_or((before.kNumerator, before.kDenominator));
        let rounds = match (mode, before.rounds) {
            (Mode::Hybrid, 0) => self.rounds.unwrap_or(ROUNDS_USUAL),
            (Mode::Hybrid, rounds) => self.rounds.unwrap_or(rounds),
            _ => 0,
        };
        Rules {
            mode,
            rounds,
            kNumerator: k.0,
            kDenominator: k.1,
            localPrice: self.local_price.unwrap_or(before.localPrice),
            networkFee: self.network_fee.unwrap_or(before.networkFee),
            communityFee: self.community_fee.unwrap_or(before.communityFee),
            levy: self.levy.unwrap_or(before.levy),
            slotSeconds: self.slot.unwrap_or(before.slotSeconds),
            graceSeconds: self.grace.unwrap_or(before.graceSeconds),
            finalSeconds: self.finality.unwrap_or(before.finalSeconds),
        }
    }
}

/// Rules as they are told.
#[derive(Serialize)]
pub(crate) struct Shown {
    mode: &'static str,
    rounds: u8,
    k: String,
    local_price: i64,
    network_fee: i64,
    community_fee: i64,
    levy: i64,
    slot_seconds: u32,
    grace_seconds: u32,
    final_seconds: u32,
}

impl Shown {
    pub(crate) fn of(rules: &Rules) -> Self {
        Self {
            mode: named(rules.mode),
            rounds: rules.rounds,
            k: format!("{}/{}", rules.kNumerator, rules.kDenominator),
            local_price: rules.localPrice,
            network_fee: rules.networkFee,
            community_fee: rules.communityFee,
            levy: rules.levy,
            slot_seconds: rules.slotSeconds,
            grace_seconds: rules.graceSeconds,
            final_seconds: rules.finalSeconds,
        }
    }

    pub(crate) fn text(&self) -> String {
        let price = match self.mode {
            "auction" => format!("k {}", self.k),
            "hybrid" => format!("{} rounds, local price {}", self.rounds, self.local_price),
            _ => format!("local price {}", self.local_price),
        };
        format!(
            "{} ({price}), slots of {} min, fees {} + {} + {} micro per kWh, grace {} s, final after {} s",
            self.mode,
            self.slot_seconds / 60,
            self.network_fee,
            self.community_fee,
            self.levy,
            self.grace_seconds,
            self.final_seconds,
        )
    }
}

/// Reads a fraction from 0 to 1.
pub(crate) fn fraction(text: &str) -> Result<Fraction, String> {
    let (numerator, denominator) = parts(text)?;
    Fraction::new(numerator, denominator).ok_or_else(unfit)
}

/// Reads whose weight it is under a sharing key, and the weight.
pub(crate) fn weight(text: &str) -> Result<(String, u16), String> {
    let parts = text.rsplit_once('=');
    let read = parts.and_then(|(who, weight)| Some((who.to_owned(), weight.parse().ok()?)));
    let fit = read.filter(|(who, weight)| !who.is_empty() && *weight <= WEIGHT_MAX);
    fit.ok_or_else(|| format!("{text:?} is nobody and a weight: write anna=3, up to {WEIGHT_MAX}"))
}

fn unfit() -> String {
    "a fraction from 0 to 1, such as 1/2".to_owned()
}

fn parts(text: &str) -> Result<(u32, u32), String> {
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    let number = |text: &str| text.parse::<u32>().ok();
    let (numerator, denominator) = number(numerator)
        .zip(number(denominator))
        .ok_or_else(unfit)?;
    Fraction::new(numerator, denominator)
        .map(|_| (numerator, denominator))
        .ok_or_else(unfit)
}

fn minutes(text: &str) -> Result<u32, String> {
    match text {
        "15" => Ok(900),
        "30" => Ok(1_800),
        "60" => Ok(3_600),
        _ => Err("a slot takes 15, 30 or 60 minutes".to_owned()),
    }
}

fn span(text: &str) -> Result<u32, String> {
    let unfit = || format!("{text:?} is no time: write 90m, 12h or 2d");
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(unfit()),
    };
    let count = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    let count: u32 = count.parse().map_err(|_| unfit())?;
    count.checked_mul(unit).ok_or_else(unfit)
}
