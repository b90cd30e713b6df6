//! Pseudonyms: under which a custodian keeps people, and how each takes over what is kept of them.
//!
//! A pseudonym is an address made of the custodian's and of 32 bytes that the custodian keeps secret
//! ([`pseudonym`]): nobody has a key to it, so nobody consents in the person's name, the custodian
//! neither; and what two custodians know one person by has nothing in common. The custodian offers it to
//! an address that the person brings, and the person takes it over: who acts for the *holder* acts for the
//! pseudonym from then on. A holder may pass it on in the same two steps, and nobody else may.
//!
//! As an offer shows the custodian's secret, nobody can offer an address that is somebody's account.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_module::{Context, Outcome, ensure, storage::Place};
use commonhold_system::accounts;

use crate::{
    interface::IHealth::{
        AlreadyHeld, NotForSubject, NotOffered, Pseudonym as PseudonymView, PseudonymOffered,
        PseudonymTaken, offerPseudonymCall, passPseudonymCall, pseudonymCall, pseudonymOfCall,
        pseudonymsOfCall, pseudonymsOfReturn, takePseudonymCall,
    },
    state::{EVER_HELD, HELD, PSEUDONYMS, Pseudonym},
};

/// The pseudonym of a custodian's that this secret makes: the last 20 bytes of
/// `keccak256(abi.encode("pseudonym", chainid, custodian, secret))`.
pub fn pseudonym(chain_id: u64, custodian: Address, secret: B256) -> Address {
    let text = ("pseudonym", U256::from(chain_id), custodian, secret).abi_encode_params();
    Address::from_word(keccak256(text))
}

pub(super) fn offer_pseudonym(ctx: &mut Context<'_>, call: offerPseudonymCall) -> Outcome<Address> {
    let offerPseudonymCall { secret, to } = call;
    let custodian = ctx.caller();
    let subject = pseudonym(ctx.block().chain_id, custodian, secret);
    let old = PSEUDONYMS.at(&subject).read(ctx)?;
    let holder = old.holder;
    ensure(holder.is_zero(), || AlreadyHeld { subject, holder })?;
    offer(ctx, subject, &Pseudonym { custodian, ..old }, to)?;
    Ok(subject)
}

pub(super) fn pass_pseudonym(ctx: &mut Context<'_>, call: passPseudonymCall) -> Outcome<()> {
    let passPseudonymCall { subject, to } = call;
    let caller = ctx.caller();
    let old = PSEUDONYMS.at(&subject).read(ctx)?;
    let holds = !old.holder.is_zero() && accounts::may_act_for(ctx, caller, old.holder, 0)?;
    ensure(holds, || NotForSubject { subject, caller })?;
    offer(ctx, subject, &old, to)
}

fn offer(ctx: &mut Context<'_>, subject: Address, old: &Pseudonym, to: Address) -> Outcome<()> {
    let offered = Pseudonym {
        offered_to: to,
        offered_at: ctx.now(),
        ..old.clone()
    };
    PSEUDONYMS.at(&subject).write(ctx, &offered)?;
    let by = ctx.caller();
    ctx.emit(PseudonymOffered { subject, by, to })
}

pub(super) fn take_pseudonym(ctx: &mut Context<'_>, call: takePseudonymCall) -> Outcome<()> {
    let subject = call.subject;
    let holder = ctx.caller();
    let place = PSEUDONYMS.at(&subject);
    let (list, listed) = (HELD.at(&holder), EVER_HELD.at(&holder).at(&subject));
    ctx.fetch(&[&place as &dyn Place, &list, &listed])?;
    let old = place.read(ctx)?;
    let offered = !old.custodian.is_zero() && old.offered_to == holder;
    ensure(offered, || NotOffered {
        subject,
        caller: holder,
    })?;
    let taken = Pseudonym {
        holder,
        taken_at: ctx.now(),
        offered_to: Address::ZERO,
        ..old
    };
    place.write(ctx, &taken)?;
    if !listed.read(ctx)? {
        listed.write(ctx, &true)?;
        list.push(ctx, &subject)?;
    }
    ctx.emit(PseudonymTaken { subject, holder })
}

pub(super) fn show(ctx: &mut Context<'_>, call: pseudonymCall) -> Outcome<PseudonymView> {
    let found = PSEUDONYMS.at(&call.subject).read(ctx)?;
    Ok(PseudonymView {
        custodian: found.custodian,
        offeredTo: found.offered_to,
        offeredAt: found.offered_at,
        holder: found.holder,
        takenAt: found.taken_at,
    })
}

pub(super) fn pseudonym_of(ctx: &mut Context<'_>, call: pseudonymOfCall) -> Outcome<Address> {
    let pseudonymOfCall { custodian, secret } = call;
    Ok(pseudonym(ctx.block().chain_id, custodian, secret))
}

pub(super) fn pseudonyms_of(
    ctx: &mut Context<'_>,
    call: pseudonymsOfCall,
) -> Outcome<pseudonymsOfReturn> {
    let list = HELD.at(&call.holder);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(pseudonymsOfReturn { page, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_differ_by_network_custodian_and_secret() {
        let (one, other) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let (here, there) = (B256::repeat_byte(3), B256::repeat_byte(4));
        let all = [
            pseudonym(1, one, here),
            pseudonym(1, one, there),
            pseudonym(1, other, here),
            pseudonym(2, one, here),
        ];
        for (n, left) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|right| left != right));
        }
    }
}
