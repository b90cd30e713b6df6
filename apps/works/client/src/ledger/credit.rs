//! `commonhold works credit show`, `explain`, `appeal`, `appeals`, `vote` and `forged`.

use alloy_primitives::{Address, keccak256};
use clap::ValueEnum;
use commonhold_sdk::page::every;
use commonhold_session::{Answer, Session};
use commonhold_works_contract::{
    ADDRESS,
    credit::Role,
    interface::IWorks::{
        Appeal, Appealed, Effect, Fact, FactState, Kind, Part, appealCall, appealOfCall,
        creditCall, explainCall, factsCall, numbersByCall, settleCreditCall, stateForgeryCall,
        voteAppealCall,
    },
};
use serde_json::{Value, json};

use super::{act, ask, done, text};
use crate::table::table;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PartArg {
    Exec,
    Owner,
    Supv,
}

impl PartArg {
    const fn part(self) -> Part {
        match self {
            Self::Exec => Part::Executor,
            Self::Owner => Part::Owner,
            Self::Supv => Part::Supervisor,
        }
    }
}

/// What a member says of an appeal.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Decision {
    /// The fact stands.
    Upheld,
    /// It counts for nothing.
    Overturned,
    /// Its outcome is another: --outcome.
    Amended,
}

#[derive(clap::Args)]
pub(crate) struct Vote {
    /// The appeal's number.
    appeal: u64,
    /// What you say.
    decision: Decision,
    /// The outcome that it is amended to, in basis points.
    #[arg(long, value_name = "BP", required_if_eq("decision", "amended"))]
    outcome: Option<u16>,
}

#[derive(clap::Args)]
pub(crate) struct Whose {
    /// Whose [default: who acts].
    who: Option<String>,
    /// As what.
    #[arg(long, value_name = "ROLE", default_value = "exec")]
    role: PartArg,
}

const fn role(part: Part) -> Role {
    match part {
        Part::Owner => Role::Owner,
        Part::Supervisor => Role::Supervisor,
        _ => Role::Executor,
    }
}

fn dimension(fact: &Fact) -> &'static str {
    let dimensions = role(fact.part).dimensions();
    dimensions
        .get(usize::from(fact.dimension))
        .map_or("?", |dimension| dimension.name)
}

pub(crate) fn show(session: &dyn Session, whose: &Whose) -> eyre::Result<Answer> {
    let (party, part) = (session.whose(whose.who.as_deref())?, whose.role.part());
    let found = ask(session, &creditCall { party, part })?;
    let names = role(part)
        .dimensions()
        .iter()
        .map(|dimension| dimension.name);
    let means: serde_json::Map<String, Value> = names
        .zip(&found.means)
        .map(|(name, mean)| (name.to_owned(), (*mean).into()))
        .collect();
    let grade = text(&found.grade);
    let data = json!({
        "party": party,
        "role": role(part).name(),
        "score": found.score,
        "score_micro": found.micro,
        "score_after_flags": found.afterFlags,
        "coverage": found.coverage,
        "counterparties": found.counterparties,
        "grade": grade,
        "pending": found.pending,
        "if_appeals_lost": found.ifLost,
        "if_appeals_won": found.ifWon,
        "dimensions": means,
    });
    let text = format!(
        "{} {} as {}, coverage {}, {} facts pending",
        found.afterFlags,
        grade,
        role(part).name(),
        found.coverage,
        found.pending,
    );
    Answer::of(&data, text)
}

const fn source(kind: Kind) -> &'static str {
    match kind {
        Kind::Order => "order",
        Kind::Defect => "defect",
        Kind::Inspection => "inspection",
        Kind::Variation => "variation",
        Kind::Notice => "notice",
        _ => "contract",
    }
}

const fn state(state: FactState) -> &'static str {
    match state {
        FactState::Stated => "stated",
        FactState::Appealed => "appealed",
        FactState::Upheld => "upheld",
        FactState::Amended => "amended",
        _ => "overturned",
    }
}

fn of_fact(fact: &Fact) -> Value {
    let state = state(fact.state);
    json!({
        "fact": fact.number,
        "role": role(fact.part).name(),
        "dimension": dimension(fact),
        "outcome_bp": fact.outcome,
        "value_minor": fact.value,
        "verification": fact.verification,
        "time": fact.time,
        "counterparty": fact.counterparty,
        "source": source(fact.source),
        "number": fact.item,
        "state": state,
    })
}

/// What each fact does to the score; facts that do not count yet are told without it.
pub(crate) fn explain(session: &dyn Session, whose: &Whose) -> eyre::Result<Answer> {
    let (party, part) = (session.whose(whose.who.as_deref())?, whose.role.part());
    let (mut from, mut effects) = (0u64, Vec::<Effect>::new());
    loop {
        let told = ask(
            session,
            &explainCall {
                party,
                part,
                from,
                max: 50,
            },
        )?;
        effects.extend(told.page);
        from = from.saturating_add(50);
        if from >= told.total {
            break;
        }
    }
    effects.sort_by_key(|effect| std::cmp::Reverse(effect.delta.unsigned_abs()));
    let mut rows = Vec::new();
    let mut all: Vec<Value> = Vec::new();
    for effect in &effects {
        let mut fact = of_fact(&effect.fact);
        if let Some(fields) = fact.as_object_mut() {
            fields.insert("delta_micro".to_owned(), effect.delta.into());
        }
        all.push(fact);
        rows.push(vec![
            effect.fact.number.to_string(),
            dimension(&effect.fact).to_owned(),
            effect.fact.outcome.to_string(),
            format!("{} {}", source(effect.fact.source), effect.fact.item),
            effect.delta.to_string(),
        ]);
    }
    let pending = pending(session, party, &effects)?;
    let data = json!({ "party": party, "effects": all, "not_counted": pending });
    let head = [">fact", "dimension", ">outcome", "source", ">effect"];
    Answer::of(&data, table(&head, &rows))
}

/// Facts of the last page that do not count yet.
fn pending(session: &dyn Session, party: Address, counted: &[Effect]) -> eyre::Result<Vec<Value>> {
    let total = ask(
        session,
        &factsCall {
            party,
            from: 0,
            max: 0,
        },
    )?
    .total;
    let from = total.saturating_sub(100);
    let page = ask(
        session,
        &factsCall {
            party,
            from,
            max: 100,
        },
    )?
    .page;
    let counts = |fact: &&Fact| {
        !counted
            .iter()
            .any(|effect| effect.fact.number == fact.number)
    };
    Ok(page.iter().filter(counts).map(of_fact).collect())
}

pub(crate) fn appeal(session: &dyn Session, fact: u64, grounds: &str) -> eyre::Result<Answer> {
    let call = appealCall {
        fact,
        grounds: keccak256(grounds),
    };
    let told: Appealed = act(session, &call)?;
    super::made("appeal", told.number)
}

pub(crate) fn settle(session: &dyn Session, whose: &Whose) -> eyre::Result<Answer> {
    let (party, part) = (session.whose(whose.who.as_deref())?, whose.role.part());
    let call = settleCreditCall { party, part };
    done(
        session,
        &call,
        json!({ "party": party, "settled": true }),
        "settled",
    )
}

/// Appeals by somebody, and how they stand.
pub(crate) fn appeals(session: &dyn Session, who: Option<&str>) -> eyre::Result<Answer> {
    let (who, client) = (session.whose(who)?, session.client()?);
    let numbers = every(|from, max| {
        let call = numbersByCall {
            what: Kind::Appeal,
            who,
            from,
            max,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok((told.page, told.total))
    })?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for number in numbers {
        let found = ask(session, &appealOfCall { number })?;
        let state = state(found.state);
        rows.push(vec![
            number.to_string(),
            found.fact.to_string(),
            state.into(),
        ]);
        all.push(of_appeal(number, &found));
    }
    Answer::of(&all, table(&[">appeal", ">fact", "state"], &rows))
}

fn of_appeal(number: u64, found: &Appeal) -> Value {
    let [upheld, overturned, amended] = found.votes;
    json!({
        "appeal": number,
        "subject": found.subject,
        "fact": found.fact,
        "at": found.at,
        "grounds": found.grounds,
        "votes": { "upheld": upheld, "overturned": overturned, "amended": amended },
        "state": state(found.state),
        "decidedAt": found.decidedAt,
    })
}

/// A member's vote on an appeal.
pub(crate) fn vote(session: &dyn Session, vote: &Vote) -> eyre::Result<Answer> {
    let number = vote.appeal;
    let call = voteAppealCall {
        number,
        state: match vote.decision {
            Decision::Upheld => FactState::Upheld,
            Decision::Overturned => FactState::Overturned,
            Decision::Amended => FactState::Amended,
        },
        outcome: vote.outcome.unwrap_or_default(),
    };
    let account = session.account()?;
    session.client()?.send_call(&account, ADDRESS, &call)?;
    let found = ask(session, &appealOfCall { number })?;
    let text = format!("appeal {number}: {}", state(found.state));
    Answer::of(&of_appeal(number, &found), text)
}

/// A member's word that evidence was forged.
pub(crate) fn forged(session: &dyn Session, evidence: u64) -> eyre::Result<Answer> {
    done(
        session,
        &stateForgeryCall { evidence },
        json!({ "evidence": evidence, "forged": true }),
        "stated; two members' words cap the score of who brought it",
    )
}
