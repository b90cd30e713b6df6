//! What the explorer Otterscan asks for.

use jsonrpsee::{RpcModule, core::RegisterMethodError};

use crate::{backend::Backend, context::Context};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    let _ = module;
    Ok(())
}
