//! Readings over HTTP.

use std::time::Instant;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use commonhold_reading::Flags;
use minicbor::Decoder;
use serde::{Deserialize, Serialize};

use super::{Problem, Served};
use crate::{
    clients::Client,
    config::AdapterKind,
    journal::{Taken, Writing},
    limits::HTTP_READINGS_MAX,
    refusal::Refusal,
};

/// What became of one reading.
#[derive(Debug, Serialize)]
struct Outcome {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct Results {
    accepted: usize,
    duplicates: usize,
    refused: usize,
    readings: Vec<Outcome>,
}

fn told(outcome: &Result<Taken, Refusal>) -> Outcome {
    let plain = |status| Outcome {
        status,
        marks: Vec::new(),
        reason: None,
        message: None,
    };
    match outcome {
        Ok(Taken::New(flags)) => Outcome {
            marks: Flags::names(*flags).collect(),
            ..plain("accepted")
        },
        Ok(Taken::Duplicate) => plain("duplicate"),
        Ok(Taken::Ignored) => plain("ignored"),
        Err(refusal) => Outcome {
            reason: Some(refusal.reason()),
            message: Some(refusal.to_string()),
            ..plain("refused")
        },
    }
}

/// All outcomes; the status is that of the first refusal, one that may pass before others.
fn answer(outcomes: &[Result<Taken, Refusal>]) -> Response {
    let count = |is: fn(&Result<Taken, Refusal>) -> bool| outcomes.iter().filter(|o| is(o)).count();
    let results = Results {
        accepted: count(|o| matches!(o, Ok(Taken::New(_)))),
        duplicates: count(|o| matches!(o, Ok(Taken::Duplicate))),
        refused: count(Result::is_err),
        readings: outcomes.iter().map(told).collect(),
    };
    let refusals = || outcomes.iter().filter_map(|o| o.as_ref().err());
    let worst = refusals()
        .find(|r| r.is_temporary())
        .or_else(|| refusals().next());
    let status = worst.map_or(Ok(StatusCode::OK), |r| StatusCode::from_u16(r.status()));
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(results)).into_response()
}

/// Whether a client may write so much to a topic now.
fn admit(served: &Served, client: &Client, topic: &str, count: usize) -> Result<(), Box<Response>> {
    let refused = |refusal: Refusal| {
        served.intake.refused(&refusal);
        Err(Box::new(Problem::from(refusal).into_response()))
    };
    if !client.may_write(topic) {
        let why = format!("{} may not write to {topic:.64}", client.user);
        return refused(Refusal::NotAuthorized(why));
    }
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    if let Err(wait) = client.rate.take(count, Instant::now()) {
        let seconds = wait.as_secs().saturating_add(1).to_string();
        let mut response = Problem::from(Refusal::Rate).into_response();
        served.intake.refused(&Refusal::Rate);
        if let Ok(seconds) = seconds.parse() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        return Err(Box::new(response));
    }
    Ok(())
}

/// Cuts a CBOR sequence into its items. What cannot be cut is the last item, for the parser to refuse.
fn items(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut items = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if items.len() == HTTP_READINGS_MAX {
            return None;
        }
        let mut decoder = Decoder::new(rest);
        let len = match decoder.skip() {
            Ok(()) => decoder.position(),
            Err(_) => rest.len(),
        };
        let (item, after) = rest.split_at_checked(len)?;
        items.push(item);
        rest = after;
    }
    Some(items)
}

pub(super) async fn signed(
    State(served): State<Served>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let client = match served.client(&headers).await {
        Ok(client) => client,
        Err(problem) => return problem.into_response(),
    };
    let Some(items) = items(&body).filter(|items| !items.is_empty()) else {
        let why = format!("1 to HTTP_READINGS_MAX ({HTTP_READINGS_MAX}) readings are expected");
        let refusal = Refusal::TooLarge(why);
        served.intake.refused(&refusal);
        return Problem::from(refusal).into_response();
    };
    if let Err(response) = admit(&served, &client, "readings", items.len()) {
        return *response;
    }
    let mut writing = Vec::with_capacity(items.len());
    for item in items {
        writing.push(served.intake.signed(item).await);
        // Signatures take their time, and others are waiting.
        tokio::task::yield_now().await;
    }
    let mut outcomes = Vec::with_capacity(writing.len());
    for one in writing {
        outcomes.push(Writing::outcome(one).await);
    }
    answer(&outcomes)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    adapter: Option<AdapterKind>,
}

pub(super) async fn source(
    State(served): State<Served>,
    Path(device): Path<String>,
    Query(how): Query<How>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let client = match served.client(&headers).await {
        Ok(client) => client,
        Err(problem) => return problem.into_response(),
    };
    if let Err(response) = admit(&served, &client, &format!("sources/{device}"), 1) {
        return *response;
    }
    let kind = how.adapter.unwrap_or(AdapterKind::Senml);
    let writing = served.intake.from_source(kind, &device, &body).await;
    answer(&[Writing::outcome(writing).await])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_cut_into_items() {
        let two = [0x82, 1, 2, 0x43, 7, 8, 9];
        assert_eq!(items(&two).unwrap(), [&two[..3], &two[3..]]);
        // An item that is cut off is left for the parser.
        assert_eq!(items(&two[..5]).unwrap(), [&two[..3], &two[3..5]]);
        assert!(items(&[]).unwrap().is_empty());
        assert!(items(&vec![0; HTTP_READINGS_MAX + 1]).is_none());
        assert_eq!(
            items(&vec![0; HTTP_READINGS_MAX]).unwrap().len(),
            HTTP_READINGS_MAX
        );
    }
}
