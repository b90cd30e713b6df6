//! Requests to open sealed keys, members' answers to them, and times that have come.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use commonhold_opening::{Answers, AskError, Refusal as Refused, Subject, Wanted};
use commonhold_seal::Identity;
use commonhold_system::records::interface::IRecords::{Opening, openingCall, openingsCall};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Problem, Refusal, bad, missing, page, records::ask};
use crate::{backend::Backend, server::Shared};

type Node<B> = State<Arc<Shared<B>>>;

/// A request to open a record's sealed key. It is on the ledger whether it was permitted or not.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpeningView {
    /// Its number.
    number: u64,
    /// The record.
    #[schema(value_type = String)]
    record: B256,
    /// Who is to read.
    #[schema(value_type = String)]
    reader: Address,
    /// Who asked: the reader, or the record's policy for them.
    #[schema(value_type = String)]
    by: Address,
    /// When, seconds since 1970.
    time: u64,
    /// In which block.
    block: u64,
    /// What for.
    #[schema(value_type = String)]
    purpose: B256,
    /// The X25519 key that members answer to.
    #[schema(value_type = String)]
    reader_key: B256,
    /// What the ledger decided: `Granted`, `Owner`, or why not.
    access: String,
}

/// A page of requests, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OpeningPage {
    /// The requests.
    openings: Vec<OpeningView>,
    /// How many there are.
    total: u64,
}

/// Which requests.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub(crate) struct OpeningsQuery {
    /// The number of the first, from 0.
    from: Option<u64>,
    /// How many; 20 where it is missing, 100 at most.
    limit: Option<usize>,
}

/// Whom to wait for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AnswersQuery {
    /// Whether to wait for all members, and not only for as many as can open.
    all: Option<bool>,
}

/// What members answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnswersView {
    /// The request's number.
    number: u64,
    /// The hash of the block that holds it.
    #[schema(value_type = String)]
    block: B256,
    /// The public side of the sharing of the seal key by which members answered. Its constant term is the
    /// seal key, which a reader checks.
    #[schema(value_type = String)]
    sharing: Bytes,
    /// The identity keys of that sharing's holders, by their places.
    #[schema(value_type = Vec<String>)]
    members: Vec<B256>,
    /// Answers, encrypted to the reader and signed by their members, 164 bytes each.
    #[schema(value_type = Vec<String>)]
    answers: Vec<Bytes>,
    /// How many of them open.
    need: u32,
    /// Members that gave none.
    missing: Vec<MissingView>,
}

/// A member that gave no answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MissingView {
    /// Its place in the order of the holders' identity keys, from 0.
    member: u32,
    /// Why.
    why: String,
}

/// A time that has come.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimeView {
    /// The time, seconds since 1970.
    time: u64,
    /// What opens everything that is sealed to it, 48 bytes.
    #[schema(value_type = String)]
    opening_key: Bytes,
}

fn whole(text: &str) -> Answer<u64> {
    let whole = text.parse();
    whole.map_err(|_| {
        bad(format!(
            "{text:?} is not a number: 0 to 2^64 - 1 is expected"
        ))
    })
}

fn view(opening: Opening) -> OpeningView {
    OpeningView {
        number: opening.number,
        record: opening.id,
        reader: opening.reader,
        by: opening.by,
        time: opening.time,
        block: opening.blockNumber,
        purpose: opening.purpose,
        reader_key: opening.readerKey,
        access: format!("{:?}", opening.access),
    }
}

/// Requests to open, oldest first.
#[utoipa::path(get, path = "/api/openings", params(OpeningsQuery), responses(
    (status = 200, body = OpeningPage),
    (status = 400, body = Problem),
))]
pub(crate) async fn list<B: Backend>(
    State(node): Node<B>,
    Query(query): Query<OpeningsQuery>,
) -> Answer<Json<OpeningPage>> {
    let max = page(query.limit)? as u64;
    let from = query.from.unwrap_or(0);
    let found = ask(&node.context, openingsCall { from, max }).await?;
    let (page, total) = found.map_or_else(Default::default, |found| (found.page, found.total));
    let openings = page.into_iter().map(view).collect();
    Ok(Json(OpeningPage { openings, total }))
}

/// A request to open.
#[utoipa::path(get, path = "/api/openings/{number}",
    params(("number" = u64, Path, description = "The request's number")),
    responses(
        (status = 200, body = OpeningView),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn one<B: Backend>(
    State(node): Node<B>,
    Path(number): Path<String>,
) -> Answer<Json<OpeningView>> {
    let number = whole(&number)?;
    let found = ask(&node.context, openingCall { number }).await?;
    let found = found.ok_or_else(|| missing("no such request"))?;
    Ok(Json(view(found)))
}

/// Members' answers to a permitted request: each judges by what it holds to be final itself. The
/// answers are of use to the reader alone, so anybody may fetch them.
#[utoipa::path(get, path = "/api/openings/{number}/answers",
    params(("number" = u64, Path, description = "The request's number"), AnswersQuery),
    responses(
        (status = 200, body = AnswersView),
        (status = 403, body = Problem, description = "The ledger does not permit it, or not any more"),
        (status = 404, body = Problem),
        (status = 503, body = Problem),
    ))]
pub(crate) async fn answers<B: Backend>(
    State(node): Node<B>,
    Path(number): Path<String>,
    Query(query): Query<AnswersQuery>,
) -> Answer<Json<AnswersView>> {
    let number = whole(&number)?;
    let wanted = Wanted {
        subject: Subject::Request(number),
        all: query.all.unwrap_or(false),
    };
    let found = node.context.node.desk().ask(wanted).await?;
    let missing = missing_of(&found);
    let sharing = &found.sharing;
    let holders = sharing.holders.iter();
    Ok(Json(AnswersView {
        number,
        block: found.block,
        sharing: sharing.group.to_bytes().into(),
        members: holders.map(|key| B256::from_slice(key.as_ref())).collect(),
        answers: found
            .answers
            .iter()
            .map(|answer| Bytes::from(answer.to_bytes()))
            .collect(),
        need: sharing.group.threshold(),
        missing,
    }))
}

/// What opens everything that is sealed to a time, once the time has come.
#[utoipa::path(get, path = "/api/times/{seconds}",
    params(("seconds" = u64, Path, description = "The time, seconds since 1970")),
    responses(
        (status = 200, body = TimeView),
        (status = 403, body = Problem, description = "The time has not come"),
        (status = 503, body = Problem),
    ))]
pub(crate) async fn time<B: Backend>(
    State(node): Node<B>,
    Path(time): Path<String>,
) -> Answer<Json<TimeView>> {
    let time = whole(&time)?;
    let wanted = Wanted {
        subject: Subject::Time(time),
        all: false,
    };
    let found = node.context.node.desk().ask(wanted).await?;
    let group = &found.sharing.group;
    let combined = group.combine(&Identity::Time(time).here(), &found.partials);
    let combined = combined.map_err(|e| Refusal(StatusCode::SERVICE_UNAVAILABLE, e.to_string()))?;
    Ok(Json(TimeView {
        time,
        opening_key: Bytes::copy_from_slice(combined.opening.to_bytes().as_slice()),
    }))
}

fn missing_of(found: &Answers) -> Vec<MissingView> {
    let refused = found.refused.iter().map(|(member, why)| MissingView {
        member: *member,
        why: why.to_string(),
    });
    let silent = found.silent.iter().map(|member| MissingView {
        member: *member,
        why: "it said nothing in time".to_owned(),
    });
    let mut missing: Vec<_> = refused.chain(silent).collect();
    missing.sort_by_key(|missing| missing.member);
    missing
}

impl From<AskError> for Refusal {
    fn from(error: AskError) -> Self {
        let status = match error {
            AskError::Refused(Refused::NotFinal) | AskError::NoSealKey => StatusCode::NOT_FOUND,
            AskError::Refused(Refused::Access(_) | Refused::NotYet) => StatusCode::FORBIDDEN,
            AskError::Refused(Refused::Reader) => StatusCode::TOO_MANY_REQUESTS,
            AskError::Refused(_) | AskError::Busy | AskError::Unknown | AskError::Stopped => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self(status, error.to_string())
    }
}
