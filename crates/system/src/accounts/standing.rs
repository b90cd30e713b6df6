//! The rules of attestations: what one word says at a time, and what several say together.

use super::{
    interface::IAccounts::{Guarding, Standing},
    limits::GUARDIAN_MEMBERS_MIN,
};

/// How a word was ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// It was not.
    #[default]
    Open,
    /// Who gave it took it back.
    Withdrawn,
    /// Whom it is about renounced it.
    Renounced,
}

/// What a word claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// From when on it holds.
    pub not_before: u64,
    /// Until just before when; zero: until it is ended.
    pub until: u64,
    /// Whether it was ended, and how.
    pub end: End,
    /// When.
    pub ended_at: u64,
    /// Whether who gave it is no member any more.
    pub lapsed: bool,
}

impl Terms {
    /// What the word says of the time `at`. One that was ended says no from that second on; a member
    /// that left says nothing any more, of no time.
    pub const fn says(&self, at: u64) -> Standing {
        let ended = at >= self.ended_at;
        match self.end {
            _ if self.lapsed => Standing::Lapsed,
            End::Withdrawn if ended => Standing::Withdrawn,
            End::Renounced if ended => Standing::Renounced,
            _ if at < self.not_before => Standing::NotYet,
            _ if self.until != 0 && at >= self.until => Standing::Expired,
            _ => Standing::Good,
        }
    }

    /// Whether it says yes at `now`, or will.
    pub const fn is_open(&self, now: u64) -> bool {
        matches!(self.says(now), Standing::Good | Standing::NotYet)
    }

    /// Its end as a number that later ends have larger.
    const fn last(&self) -> u64 {
        if self.until == 0 {
            u64::MAX
        } else {
            self.until
        }
    }
}

/// What several members say of a role: one yes is a yes.
pub fn together(says: impl IntoIterator<Item = Standing>) -> Standing {
    let highest = says.into_iter().max_by_key(|standing| *standing as u8);
    highest.unwrap_or(Standing::None)
}

/// Whether a guardian may act: `own` is what the ward says, where it named them; `members` is what
/// members say. It takes two members' yes, or the ward's own where it is not `under` the guardianship
/// of others.
pub fn guards(own: Option<Terms>, members: &[Terms], at: u64, under: bool) -> Guarding {
    let says = || members.iter().map(|terms| terms.says(at));
    let yes = says().filter(|says| *says == Standing::Good).count();
    let own = own.map(|terms| terms.says(at));
    if enough(yes) {
        Guarding::Guardian
    } else if own == Some(Standing::Good) {
        if under {
            Guarding::Suspended
        } else {
            Guarding::Proxy
        }
    } else if yes > 0 {
        Guarding::OneMember
    } else {
        match together(says().chain(own)) {
            Standing::Lapsed => Guarding::Lapsed,
            Standing::Withdrawn => Guarding::Withdrawn,
            Standing::Renounced => Guarding::Resigned,
            Standing::Expired => Guarding::Expired,
            Standing::NotYet => Guarding::NotYet,
            Standing::None | Standing::Good | Standing::__Invalid => Guarding::None,
        }
    }
}

/// Whether an answer is a yes.
pub const fn guards_well(answer: Guarding) -> bool {
    matches!(answer, Guarding::Proxy | Guarding::Guardian)
}

/// Whether so many members are enough to impose a guardian.
pub fn enough(members: usize) -> bool {
    u64::try_from(members).is_ok_and(|members| members >= GUARDIAN_MEMBERS_MIN)
}

/// Until just before when a guardianship that members attest stands, where nobody says more: until
/// fewer than two of those who say yes at `at` still do. Zero: it has no end, or does not stand.
pub fn lapses(members: &[Terms], at: u64) -> u64 {
    let good = members
        .iter()
        .filter(|terms| terms.says(at) == Standing::Good);
    let mut ends: Vec<u64> = good.map(Terms::last).collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    let deciding = GUARDIAN_MEMBERS_MIN
        .checked_sub(1)
        .and_then(|n| usize::try_from(n).ok());
    let end = deciding.and_then(|n| ends.get(n)).copied();
    end.filter(|end| *end != u64::MAX).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Terms = Terms {
        not_before: 10,
        until: 20,
        end: End::Open,
        ended_at: 0,
        lapsed: false,
    };

    #[test]
    fn a_word_holds_from_its_first_second_to_before_its_last() {
        for (at, says) in [
            (0, Standing::NotYet),
            (9, Standing::NotYet),
            (10, Standing::Good),
            (19, Standing::Good),
            (20, Standing::Expired),
            (u64::MAX, Standing::Expired),
        ] {
            assert_eq!(WINDOW.says(at), says, "at {at}");
            let lapsed = Terms {
                lapsed: true,
                ..WINDOW
            };
            assert_eq!(lapsed.says(at), Standing::Lapsed);
        }
        assert_eq!(Terms::default().says(u64::MAX), Standing::Good);
    }

    #[test]
    fn an_ended_word_says_no_from_that_second_on() {
        for (end, no) in [
            (End::Withdrawn, Standing::Withdrawn),
            (End::Renounced, Standing::Renounced),
        ] {
            let ended = Terms {
                end,
                ended_at: 15,
                ..WINDOW
            };
            assert_eq!(ended.says(14), Standing::Good);
            assert_eq!(ended.says(15), no);
            assert_eq!(ended.says(25), no);
            assert_eq!(ended.says(5), Standing::NotYet);
        }
    }

    #[test]
    fn one_yes_is_a_yes_and_no_word_is_none() {
        use Standing::{Expired, Good, Lapsed, None, NotYet, Renounced, Withdrawn};
        assert_eq!(together([]), None);
        assert_eq!(together([Withdrawn, Good, Expired]), Good);
        let order = [None, Lapsed, Withdrawn, Renounced, Expired, NotYet, Good];
        for (less, more) in order.iter().zip(order.iter().skip(1)) {
            assert_eq!(together([*more, *less]), *more);
        }
    }

    #[test]
    fn two_members_or_the_ward_alone() {
        let at = 15;
        let over = Terms {
            until: 12,
            ..WINDOW
        };
        let case = |own, members: &[Terms], under| guards(own, members, at, under);
        assert_eq!(case(None, &[], false), Guarding::None);
        assert_eq!(case(None, &[WINDOW], false), Guarding::OneMember);
        assert_eq!(case(None, &[WINDOW, over], false), Guarding::OneMember);
        assert_eq!(case(None, &[WINDOW, WINDOW], true), Guarding::Guardian);
        assert_eq!(case(Some(WINDOW), &[], false), Guarding::Proxy);
        assert_eq!(case(Some(WINDOW), &[WINDOW], true), Guarding::Suspended);
        assert_eq!(case(Some(over), &[], false), Guarding::Expired);
        assert_eq!(case(None, &[over, over], false), Guarding::Expired);
    }

    #[test]
    fn a_guardianship_lapses_when_fewer_than_two_say_yes() {
        let until = |until| Terms { until, ..WINDOW };
        assert_eq!(lapses(&[until(20)], 15), 0);
        assert_eq!(lapses(&[until(20), until(30)], 15), 20);
        assert_eq!(lapses(&[until(20), until(30), until(40)], 15), 30);
        assert_eq!(lapses(&[until(0), until(0)], 15), 0);
        assert_eq!(lapses(&[until(0), until(30)], 15), 30);
        assert_eq!(lapses(&[until(12), until(30)], 15), 0);
    }
}
