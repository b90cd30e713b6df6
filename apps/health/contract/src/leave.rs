//! Leave: whether a reader gets a slice under a request now. Values in, answer out.
//!
//! Asked whenever a slice is asked for, of everything as it stands then: what was taken back, ended or
//! changed meanwhile counts.

use crate::interface::IHealth::{Leave, RequestState};

/// What is known of a request, a reader and a slice.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Whether the reader made the request, and it is to the slice's subject.
    pub own_request: bool,
    /// Where the request stands.
    pub state: RequestState,
    /// Whether the subject left the study.
    pub withdrawn: bool,
    /// Whether the consent that the request was made under was ended.
    pub consent_ended: bool,
    /// Until just before when it lasts; zero: for ever.
    pub until: u64,
    /// How many openings it is good for; zero: any number.
    pub uses: u32,
    /// How many there were.
    pub used: u32,
    /// Whether the owner let in to the slice's class.
    pub approved: bool,
    /// Whether who did may still act for the subject.
    pub approval_stands: bool,
    /// Whether a standing permit let in to the slice's class, and the slice is not very restricted.
    pub standing: bool,
    /// When the owner's veto window is over.
    pub ready_at: u64,
    /// Whether the consent, as it is now, still has a standing permit for it.
    pub consent_stands: bool,
    /// Whether it goes with a study.
    pub of_study: bool,
    /// Whether the study has its board's approval.
    pub study_approved: bool,
    /// Whether the study is suspended.
    pub suspended: bool,
    /// Whether the reader still has the role that the purpose takes.
    pub qualified: bool,
}

/// The answer at the time `at`.
pub const fn answer(facts: &Facts, at: u64) -> Leave {
    if !facts.own_request {
        return Leave::NotYours;
    }
    match facts.state {
        RequestState::Refused => return Leave::Refused,
        RequestState::Revoked => return Leave::Revoked,
        _ => {}
    }
    if facts.withdrawn {
        Leave::Withdrawn
    } else if facts.consent_ended {
        Leave::ConsentEnded
    } else if facts.until != 0 && at >= facts.until {
        Leave::Expired
    } else if facts.uses != 0 && facts.used >= facts.uses {
        Leave::UsedUp
    } else if facts.of_study && facts.suspended {
        Leave::Suspended
    } else if facts.of_study && !facts.study_approved {
        Leave::NotApproved
    } else if !facts.qualified {
        Leave::NotQualified
    } else if facts.approved && facts.approval_stands {
        Leave::Granted
    } else if !facts.standing {
        if facts.approved {
            Leave::Lapsed
        } else {
            Leave::NotCovered
        }
    } else if matches!(facts.state, RequestState::Vetoed) {
        Leave::Vetoed
    } else if at < facts.ready_at {
        Leave::NotYet
    } else if !facts.consent_stands {
        Leave::ConsentChanged
    } else {
        Leave::Granted
    }
}

/// Whether an answer is a yes.
pub const fn permits(answer: Leave) -> bool {
    matches!(answer, Leave::Granted | Leave::Own)
}

/// An answer in words.
pub const fn words(answer: Leave) -> &'static str {
    match answer {
        Leave::NoRequest => "the reader made no request to the subject",
        Leave::NotYours => "it is another's request, or to another subject",
        Leave::Vetoed => "the owner vetoed it",
        Leave::Refused => "the owner refused it",
        Leave::Revoked => "the owner revoked it",
        Leave::Withdrawn => "the subject left the study",
        Leave::ConsentEnded => "the consent that it was made under was ended",
        Leave::Lapsed => "who approved it may no longer act for the subject",
        Leave::Expired => "its time is over",
        Leave::UsedUp => "it is good for no further opening",
        Leave::NotCovered => "it does not cover the slice's class",
        Leave::NotYet => "the owner's veto window is not over",
        Leave::NotApproved => "the study has no ethics approval now",
        Leave::Suspended => "the study is suspended",
        Leave::NotQualified => "the reader lacks the role now",
        Leave::ConsentChanged => "the consent does not permit it any more",
        Leave::Granted => "granted",
        Leave::Own => "it is the reader's own, or their ward's",
        Leave::Erased => "it was erased",
        Leave::__Invalid => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Facts = Facts {
        own_request: true,
        state: RequestState::Open,
        withdrawn: false,
        consent_ended: false,
        until: 100,
        uses: 2,
        used: 1,
        approved: false,
        approval_stands: false,
        standing: true,
        ready_at: 10,
        consent_stands: true,
        of_study: true,
        study_approved: true,
        suspended: false,
        qualified: true,
    };

    #[test]
    fn each_thing_that_is_wrong_has_its_answer() {
        for (facts, at, expected) in [
            (GOOD, 10, Leave::Granted),
            (GOOD, 9, Leave::NotYet),
            (GOOD, 99, Leave::Granted),
            (GOOD, 100, Leave::Expired),
            (Facts { until: 0, ..GOOD }, u64::MAX, Leave::Granted),
            (Facts { used: 2, ..GOOD }, 10, Leave::UsedUp),
            (
                Facts {
                    uses: 0,
                    used: 9,
                    ..GOOD
                },
                10,
                Leave::Granted,
            ),
            (
                Facts {
                    own_request: false,
                    ..GOOD
                },
                10,
                Leave::NotYours,
            ),
            (
                Facts {
                    state: RequestState::Refused,
                    ..GOOD
                },
                10,
                Leave::Refused,
            ),
            (
                Facts {
                    state: RequestState::Revoked,
                    ..GOOD
                },
                10,
                Leave::Revoked,
            ),
            (
                Facts {
                    state: RequestState::Vetoed,
                    ..GOOD
                },
                10,
                Leave::Vetoed,
            ),
            (
                Facts {
                    withdrawn: true,
                    ..GOOD
                },
                10,
                Leave::Withdrawn,
            ),
            (
                Facts {
                    consent_ended: true,
                    ..GOOD
                },
                10,
                Leave::ConsentEnded,
            ),
            (
                Facts {
                    suspended: true,
                    ..GOOD
                },
                10,
                Leave::Suspended,
            ),
            (
                Facts {
                    study_approved: false,
                    ..GOOD
                },
                10,
                Leave::NotApproved,
            ),
            (
                Facts {
                    qualified: false,
                    ..GOOD
                },
                10,
                Leave::NotQualified,
            ),
            (
                Facts {
                    standing: false,
                    ..GOOD
                },
                10,
                Leave::NotCovered,
            ),
            (
                Facts {
                    consent_stands: false,
                    ..GOOD
                },
                10,
                Leave::ConsentChanged,
            ),
        ] {
            assert_eq!(answer(&facts, at), expected, "{facts:?} at {at}");
        }
    }

    #[test]
    fn an_owners_approval_needs_no_window_and_no_standing_permit() {
        let approved = Facts {
            approved: true,
            approval_stands: true,
            ..GOOD
        };
        for facts in [
            approved,
            Facts {
                standing: false,
                ..approved
            },
            Facts {
                consent_stands: false,
                ..approved
            },
            Facts {
                state: RequestState::Vetoed,
                ..approved
            },
        ] {
            assert_eq!(answer(&facts, 0), Leave::Granted, "{facts:?}");
        }
        let lapsed = Facts {
            approval_stands: false,
            ..approved
        };
        assert_eq!(answer(&lapsed, 10), Leave::Granted, "the standing permit");
        let alone = Facts {
            standing: false,
            ..lapsed
        };
        assert_eq!(answer(&alone, 10), Leave::Lapsed);
    }

    #[test]
    fn without_a_study_no_board_is_asked() {
        let care = Facts {
            of_study: false,
            study_approved: false,
            ..GOOD
        };
        assert_eq!(answer(&care, 10), Leave::Granted);
    }
}
