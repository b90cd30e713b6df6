//! The JSON-RPC methods, by name.

mod blocks;
mod calls;
mod commonhold;
mod debug;
mod fees;
mod logs;
mod node;
mod ots;
mod simulate;
mod state;
mod subscribe;
mod transactions;
mod txpool;

pub(crate) use commonhold::stamp_of;

use std::sync::Arc;

use jsonrpsee::{RpcModule, core::RegisterMethodError};

use crate::{backend::Backend, context::Context};

macro_rules! methods {
    ($module:ident: $($name:literal => $path:path,)*) => {
        $($module.register_async_method($name, |params, context, _| async move {
            let reasons = context.reasons.clone();
            $path(context, params).await.map_err(|fault| reasons.error(fault))
        })?;)*
    };
}
use methods;

/// All methods over `context`.
pub(crate) fn module<B: Backend>(
    context: Arc<Context<B>>,
) -> Result<RpcModule<Context<B>>, RegisterMethodError> {
    let mut module = RpcModule::from_arc(context);
    node::register(&mut module)?;
    blocks::register(&mut module)?;
    transactions::register(&mut module)?;
    state::register(&mut module)?;
    calls::register(&mut module)?;
    fees::register(&mut module)?;
    logs::register(&mut module)?;
    subscribe::register(&mut module)?;
    txpool::register(&mut module)?;
    debug::register(&mut module)?;
    ots::register(&mut module)?;
    simulate::register(&mut module)?;
    commonhold::register(&mut module)?;
    Ok(module)
}
