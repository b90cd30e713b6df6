//! What members say in one matter, as it is stored: that an account has a role, or that somebody is a
//! ward's guardian. Each member has one word, and a new one takes the place of the old.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Fault, List, Map, Outcome, ensure, reject, storage::Place};

use super::{
    interface::IAccounts::{
        AlreadyAttested, Attestation, EmptyWindow, NothingToWithdraw, Standing, WindowIsPast,
    },
    limits::ATTESTERS_MAX,
    standing::{End, Terms},
    state::{ATTESTATIONS, ATTESTERS, GUARANTORS, GUARDIANSHIPS, Word},
};
use crate::members;

/// From when until when somebody wants a word to hold, and on what evidence.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    /// From when on; zero: from now, or from when the word before did.
    pub(super) not_before: u64,
    /// Until just before when; zero: until it is ended.
    pub(super) until: u64,
    /// Hash of the evidence; zero for none.
    pub(super) evidence: B256,
}

impl Claim {
    /// The word that `by` gives with it, in the place of `old`. `None`: that says exactly this already.
    pub(super) fn word(&self, now: u64, by: Address, old: &Word) -> Outcome<Option<Word>> {
        let held = old.given && terms(old)?.says(now) == Standing::Good;
        let not_before = match self.not_before {
            0 if held => old.not_before,
            0 => now,
            given => given,
        };
        let until = self.until;
        ensure(until == 0 || not_before < until, || EmptyWindow {
            notBefore: not_before,
            until,
        })?;
        ensure(until == 0 || now < until, || WindowIsPast {
            until,
            time: now,
        })?;
        let new = Word {
            given: true,
            end: 0,
            given_at: now,
            not_before,
            until,
            by,
            ended_at: 0,
            evidence: self.evidence,
            reason: B256::ZERO,
        };
        let (by, given_at) = (old.by, old.given_at);
        let same = *old
            == Word {
                by,
                given_at,
                ..new.clone()
            };
        Ok((!same).then_some(new))
    }
}

/// The words of members in one matter.
pub(super) struct Words {
    words: Map<u64, Word>,
    members: List<u64>,
}

/// A member's word.
pub(super) struct Said {
    /// Whose.
    pub(super) member: u64,
    /// What is stored.
    pub(super) word: Word,
    /// What it claims.
    pub(super) terms: Terms,
}

impl Words {
    /// That an account has a role.
    pub(super) fn of_role(account: Address, role: B256) -> Self {
        Self {
            words: ATTESTATIONS.at(&account).at(&role),
            members: ATTESTERS.at(&account).at(&role),
        }
    }

    /// That somebody is a ward's guardian.
    pub(super) fn of_guardian(ward: Address, guardian: Address) -> Self {
        Self {
            words: GUARDIANSHIPS.at(&ward).at(&guardian),
            members: GUARANTORS.at(&ward).at(&guardian),
        }
    }

    /// Says that a member's word is about to be read, and what besides.
    pub(super) fn fetch(
        &self,
        ctx: &mut Context<'_>,
        member: u64,
        others: &[&dyn Place],
    ) -> Outcome<()> {
        let word = self.words.at(&member);
        let mut places: Vec<&dyn Place> = vec![&word, &self.members];
        places.extend_from_slice(others);
        ctx.fetch(&places)
    }

    /// Whether no member has said anything yet.
    pub(super) fn is_empty(&self, ctx: &mut Context<'_>) -> Outcome<bool> {
        Ok(self.members.len(ctx)? == 0)
    }

    /// How many members have said something.
    pub(super) fn count(&self, ctx: &mut Context<'_>) -> Outcome<u64> {
        self.members.len(ctx)
    }

    /// Gives a member's word about `account`, spoken by `by`. Tells what was written.
    pub(super) fn give(
        &self,
        ctx: &mut Context<'_>,
        (member, by): (u64, Address),
        account: Address,
        claim: &Claim,
    ) -> Outcome<Word> {
        let place = self.words.at(&member);
        let old = place.read(ctx)?;
        let Some(new) = claim.word(ctx.now(), by, &old)? else {
            return reject(AlreadyAttested { member, account });
        };
        if !old.given {
            self.enlist(ctx, member)?;
        }
        place.write(ctx, &new)?;
        Ok(new)
    }

    /// Withdraws a member's word about `account`.
    pub(super) fn withdraw(
        &self,
        ctx: &mut Context<'_>,
        member: u64,
        account: Address,
        reason: B256,
    ) -> Outcome<()> {
        let place = self.words.at(&member);
        let word = place.read(ctx)?;
        ensure(word.given && word.end == OPEN, || NothingToWithdraw {
            member,
            account,
        })?;
        place.write(
            ctx,
            &Word {
                reason,
                ..ended(word, WITHDRAWN, ctx.now())
            },
        )
    }

    /// Ends every word that holds or is to come; tells whether there was one.
    pub(super) fn renounce(&self, ctx: &mut Context<'_>) -> Outcome<bool> {
        let now = ctx.now();
        let mut any = false;
        for said in self.all(ctx)? {
            if said.terms.is_open(now) {
                let word = ended(said.word, RENOUNCED, now);
                self.words.at(&said.member).write(ctx, &word)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// A member's word; one that was never given where there is none.
    pub(super) fn of(&self, ctx: &mut Context<'_>, member: u64) -> Outcome<Word> {
        self.words.at(&member).read(ctx)
    }

    /// Every member's word, in the order of the first ones.
    pub(super) fn all(&self, ctx: &mut Context<'_>) -> Outcome<Vec<Said>> {
        self.page(ctx, 0, ATTESTERS_MAX)
    }

    /// Up to `max` of them from number `from` on.
    pub(super) fn page(&self, ctx: &mut Context<'_>, from: u64, max: u64) -> Outcome<Vec<Said>> {
        let members = self.members.page(ctx, from, max)?;
        let places: Vec<_> = members.iter().map(|member| self.words.at(member)).collect();
        let places: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
        ctx.fetch(&places)?;
        let stand = members::standing(ctx, &members)?;
        let mut all = Vec::new();
        for (member, stands) in members.into_iter().zip(stand) {
            let word = self.words.at(&member).read(ctx)?;
            let terms = Terms {
                lapsed: !stands,
                ..terms(&word)?
            };
            all.push(Said {
                member,
                word,
                terms,
            });
        }
        Ok(all)
    }

    /// Enters a member in the list: at its end, or, where it is full, in the place of one that is no
    /// member any more.
    fn enlist(&self, ctx: &mut Context<'_>, member: u64) -> Outcome<()> {
        if self.members.len(ctx)? < ATTESTERS_MAX {
            self.members.push(ctx, &member)?;
            return Ok(());
        }
        let others = self.members.page(ctx, 0, ATTESTERS_MAX)?;
        for (place, stands) in (0..).zip(members::standing(ctx, &others)?) {
            if !stands {
                self.members.replace(ctx, place, &member)?;
                return Ok(());
            }
        }
        Err(Fault::Fatal("more members than there can be".to_owned()))
    }
}

const OPEN: u8 = 0;
const WITHDRAWN: u8 = 1;
const RENOUNCED: u8 = 2;

/// The word, withdrawn.
pub(super) const fn withdrawn(word: Word, now: u64) -> Word {
    ended(word, WITHDRAWN, now)
}

/// The word, renounced.
pub(super) const fn renounced(word: Word, now: u64) -> Word {
    ended(word, RENOUNCED, now)
}

const fn ended(word: Word, end: u8, now: u64) -> Word {
    Word {
        end,
        ended_at: now,
        ..word
    }
}

/// What a word claims, where who gave it still counts.
pub(super) fn terms(word: &Word) -> Outcome<Terms> {
    let end = match word.end {
        OPEN => End::Open,
        WITHDRAWN => End::Withdrawn,
        RENOUNCED => End::Renounced,
        other => return Err(Fault::Fatal(format!("a word that ended as {other}"))),
    };
    Ok(Terms {
        not_before: word.not_before,
        until: word.until,
        end,
        ended_at: word.ended_at,
        lapsed: false,
    })
}

/// A member's word as the views show it.
pub(super) const fn show(said: &Said, now: u64) -> Attestation {
    let Said {
        member,
        word,
        terms,
    } = said;
    Attestation {
        member: *member,
        by: word.by,
        givenAt: word.given_at,
        notBefore: word.not_before,
        until: word.until,
        standing: if word.given {
            terms.says(now)
        } else {
            Standing::None
        },
        endedAt: word.ended_at,
        evidence: word.evidence,
        reason: word.reason,
    }
}
