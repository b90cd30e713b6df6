//! What becomes of a watt-hour's proof of origin.
//!
//! One certificate is born with the signed reading of a production meter's slot: as many Wh as the meter
//! generated. Its [`Header`] commits to the device, technology, zone, slot, issuer and reading, and its id
//! to meter, slot and the reading's version, so that there is no second one. Every Wh of it is in exactly
//! one state ([`Stock`]):
//!
//! ```text
//! issue ──> active ── transfer ──> active, another's
//!              ├── claim ──> claimed      against a Wh consumed in the same slot, once
//!              ├── expire ──> expired     when its time is over
//!              ├── withdraw ──> withdrawn by its issuer: the reading was corrected
//!              └── lock <──> locked       for export to another registry
//! ```
//! Nothing leaves `claimed`, `expired` or `withdrawn`. Only whoever owns a Wh transfers, claims or locks
//! it. Consumption keeps account too ([`Consumption`]): of what a meter consumed in a slot no Wh is claimed
//! against twice.

use alloy_primitives::{Address, B256, keccak256};

/// What a certificate says, beside how much it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The production meter.
    pub meter: B256,
    /// The device that signed.
    pub device: B256,
    /// The technology, by the hash of its code (AIB fact sheet 5).
    pub technology: B256,
    /// The zone, by the hash of its name.
    pub zone: B256,
    /// The slot's beginning, seconds since 1970.
    pub slot: u64,
    /// Its length in seconds: an hour at most.
    pub seconds: u32,
    /// Who issued it.
    pub issuer: Address,
    /// The signed reading.
    pub reading: B256,
    /// The reading's version.
    pub version: u32,
}

/// Seconds of the longest slot that a certificate is of.
pub const SLOT_SECONDS_MAX: u32 = 3_600;

/// The Wh of a certificate by their state: of one owner, or all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// May be transferred, claimed, locked.
    pub active: u64,
    /// Used: it stands for a Wh that was consumed.
    pub claimed: u64,
    /// Not used in time.
    pub expired: u64,
    /// Taken back by the issuer.
    pub withdrawn: u64,
    /// Held for another registry.
    pub locked: u64,
}

/// What a meter consumed in a slot, and what of it certificates were claimed against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumption {
    /// The slot's beginning, seconds since 1970.
    pub slot: u64,
    /// Who consumed.
    pub owner: Address,
    /// How much, in Wh.
    pub consumed: u64,
    /// What of it is claimed against.
    pub claimed: u64,
}

/// Why nothing becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Zero Wh are nothing.
    Nothing,
    /// The header lacks something, or its slot is none.
    Incomplete,
    /// Only the owner may do this.
    NotOwner,
    /// Only the issuer may do this.
    NotIssuer,
    /// There are fewer Wh in the state that it starts from.
    TooFew {
        /// So many are there.
        there: u64,
    },
    /// What was consumed is of another slot.
    OtherSlot,
    /// Less was consumed that is not claimed against.
    NotConsumed {
        /// So much is left.
        left: u64,
    },
    /// Its time is over.
    Over,
    /// Its time is not over.
    NotOver,
    /// Sums leave their type.
    TooMuch,
}

/// A state of a Wh that its owner or issuer may move it to, or back from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Active,
    Claimed,
    Expired,
    Withdrawn,
    Locked,
}

impl Header {
    /// The certificate's id: of its meter, slot and the reading's version, and of nothing else.
    pub fn id(&self) -> B256 {
        let mut bytes = self.meter.to_vec();
        bytes.extend_from_slice(&self.slot.to_be_bytes());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        keccak256(bytes)
    }

    /// What commits to all that the header says, and to how much it is of.
    pub fn hash(&self, wh: u64) -> B256 {
        let mut bytes = b"commonhold/certificate/v1".to_vec();
        for field in [
            &self.meter,
            &self.device,
            &self.technology,
            &self.zone,
            &self.reading,
        ] {
            bytes.extend_from_slice(field.as_slice());
        }
        bytes.extend_from_slice(&self.slot.to_be_bytes());
        bytes.extend_from_slice(&self.seconds.to_be_bytes());
        bytes.extend_from_slice(self.issuer.as_slice());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&wh.to_be_bytes());
        keccak256(bytes)
    }

    /// Whether it says all that a certificate of an hour or less says.
    pub fn complete(&self) -> bool {
        let fields = [
            self.meter,
            self.device,
            self.technology,
            self.zone,
            self.reading,
        ];
        let slot = u64::from(self.seconds);
        fields.iter().all(|field| !field.is_zero())
            && !self.issuer.is_zero()
            && (1..=SLOT_SECONDS_MAX).contains(&self.seconds)
            && self.slot.checked_rem(slot) == Some(0)
    }
}

impl Stock {
    /// All Wh, whatever their state; `None` beyond 64 bits.
    pub fn issued(&self) -> Option<u64> {
        let states = [self.claimed, self.expired, self.withdrawn, self.locked];
        states
            .into_iter()
            .try_fold(self.active, |sum, state| sum.checked_add(state))
    }

    fn state(&mut self, state: State) -> &mut u64 {
        match state {
            State::Active => &mut self.active,
            State::Claimed => &mut self.claimed,
            State::Expired => &mut self.expired,
            State::Withdrawn => &mut self.withdrawn,
            State::Locked => &mut self.locked,
        }
    }

    fn moved(mut self, from: State, to: State, wh: u64) -> Result<Self, Refusal> {
        if wh == 0 {
            return Err(Refusal::Nothing);
        }
        let source = self.state(from);
        let there = *source;
        *source = there.checked_sub(wh).ok_or(Refusal::TooFew { there })?;
        let target = self.state(to);
        *target = target.checked_add(wh).ok_or(Refusal::TooMuch)?;
        Ok(self)
    }
}

/// Issues a certificate of `wh`: what its first owner has then.
///
/// # Errors
/// [`Refusal::Nothing`], [`Refusal::Incomplete`].
pub fn issue(header: &Header, wh: u64) -> Result<Stock, Refusal> {
    if wh == 0 {
        return Err(Refusal::Nothing);
    }
    if !header.complete() {
        return Err(Refusal::Incomplete);
    }
    Ok(Stock {
        active: wh,
        ..Stock::default()
    })
}

/// Gives active Wh to another owner: what the two have then.
///
/// # Errors
/// [`Refusal`]: only the owner gives, in time, no more than is active.
pub fn transfer(
    (by, owner): (Address, Address),
    (from, to): (Stock, Stock),
    wh: u64,
    in_time: bool,
) -> Result<(Stock, Stock), Refusal> {
    owned(by, owner)?;
    timely(in_time)?;
    if wh == 0 {
        return Err(Refusal::Nothing);
    }
    let there = from.active;
    let left = there.checked_sub(wh).ok_or(Refusal::TooFew { there })?;
    let active = to.active.checked_add(wh).ok_or(Refusal::TooMuch)?;
    let from = Stock {
        active: left,
        ..from
    };
    Ok((from, Stock { active, ..to }))
}

/// Uses active Wh for what their owner consumed in the certificate's slot.
///
/// # Errors
/// [`Refusal`]: only the owner claims, for its own consumption, of the same slot, each Wh once.
pub fn claim(
    (by, owner): (Address, Address),
    stock: Stock,
    slot: u64,
    consumption: Consumption,
    wh: u64,
    in_time: bool,
) -> Result<(Stock, Consumption), Refusal> {
    owned(by, owner)?;
    owned(owner, consumption.owner)?;
    timely(in_time)?;
    if consumption.slot != slot {
        return Err(Refusal::OtherSlot);
    }
    let left = consumption.consumed.saturating_sub(consumption.claimed);
    if wh > left {
        return Err(Refusal::NotConsumed { left });
    }
    let stock = stock.moved(State::Active, State::Claimed, wh)?;
    let claimed = consumption.claimed.checked_add(wh);
    let claimed = claimed.ok_or(Refusal::TooMuch)?;
    Ok((
        stock,
        Consumption {
            claimed,
            ..consumption
        },
    ))
}

/// Lets everything that is still active expire. Anybody may say so, once the time is over.
///
/// # Errors
/// [`Refusal`].
pub fn expire(stock: Stock, in_time: bool) -> Result<Stock, Refusal> {
    if in_time {
        return Err(Refusal::NotOver);
    }
    stock.moved(State::Active, State::Expired, stock.active)
}

/// Takes active Wh back, as their issuer.
///
/// # Errors
/// [`Refusal`].
pub fn withdraw((by, issuer): (Address, Address), stock: Stock, wh: u64) -> Result<Stock, Refusal> {
    if by != issuer {
        return Err(Refusal::NotIssuer);
    }
    stock.moved(State::Active, State::Withdrawn, wh)
}

/// Holds active Wh for another registry.
///
/// # Errors
/// [`Refusal`].
pub fn lock(
    (by, owner): (Address, Address),
    stock: Stock,
    wh: u64,
    in_time: bool,
) -> Result<Stock, Refusal> {
    owned(by, owner)?;
    timely(in_time)?;
    stock.moved(State::Active, State::Locked, wh)
}

/// Lets go of Wh that another registry did not take, as the issuer.
///
/// # Errors
/// [`Refusal`].
pub fn unlock((by, issuer): (Address, Address), stock: Stock, wh: u64) -> Result<Stock, Refusal> {
    if by != issuer {
        return Err(Refusal::NotIssuer);
    }
    stock.moved(State::Locked, State::Active, wh)
}

fn owned(by: Address, owner: Address) -> Result<(), Refusal> {
    if by == owner {
        Ok(())
    } else {
        Err(Refusal::NotOwner)
    }
}

const fn timely(in_time: bool) -> Result<(), Refusal> {
    if in_time { Ok(()) } else { Err(Refusal::Over) }
}

#[cfg(test)]
mod tests;
