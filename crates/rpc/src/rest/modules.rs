//! What the node runs besides contracts, and the limits that it keeps.

use std::sync::Arc;

use alloy_json_abi::JsonAbi;
use alloy_primitives::Address;
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{backend::Backend, server::Shared};

type Node<B> = State<Arc<Shared<B>>>;

/// A module: a native contract that every node runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ModuleView {
    /// Its name.
    name: &'static str,
    /// Where it is called.
    #[schema(value_type = String)]
    address: Address,
    /// Its interface, as Solidity's compiler writes it.
    #[schema(value_type = Vec<Object>)]
    abi: JsonAbi,
}

/// A named limit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LimitView {
    /// The part of the node that keeps it.
    part: &'static str,
    /// Its name, as errors give it.
    name: &'static str,
    /// Its value, in the unit that the name ends with, or else a count.
    value: u64,
}

/// The modules with their interfaces, in the order of their addresses.
#[utoipa::path(get, path = "/api/modules", responses((status = 200, body = Vec<ModuleView>)))]
pub(crate) async fn list<B: Backend>(State(node): Node<B>) -> Json<Vec<ModuleView>> {
    let registry = node.context.node.machine().registry();
    let views = registry.modules().map(|module| ModuleView {
        name: module.name(),
        address: module.address(),
        abi: module.abi(),
    });
    Json(views.collect())
}

/// Every named limit of the node.
#[utoipa::path(get, path = "/api/limits", responses((status = 200, body = Vec<LimitView>)))]
pub(crate) async fn limits<B: Backend>(State(node): Node<B>) -> Json<Vec<LimitView>> {
    let of = |(part, all): (&'static str, &'static [(&'static str, u64)])| {
        all.iter()
            .map(move |&(name, value)| LimitView { part, name, value })
    };
    Json(
        node.context
            .node
            .limits()
            .into_iter()
            .flat_map(of)
            .collect(),
    )
}
