//! Why a simulation gives nothing, with the codes of the specification.

use revm::context_interface::result::{EVMError, InvalidTransaction};

use crate::{
    call::{CallError, Misplaced},
    overlay::Missing,
};

pub(super) const NONCE_TOO_LOW: i32 = -38010;
pub(super) const NONCE_TOO_HIGH: i32 = -38011;
const FEE_TOO_LOW: i32 = -38012;
const GAS_TOO_LOW: i32 = -38013;
const FUNDS: i32 = -38014;
pub(super) const BLOCK_GAS: i32 = -38015;
pub(super) const BLOCK_ORDER: i32 = -38020;
pub(super) const TIME_ORDER: i32 = -38021;
const MOVED_TO_ITSELF: i32 = -38022;
const MOVED_TO_ANOTHER: i32 = -38023;
const SENDER_HAS_CODE: i32 = -38024;
const INITCODE: i32 = -38025;
pub(super) const TOO_MANY_BLOCKS: i32 = -38026;
pub(super) const PARAMETERS: i32 = -32602;
pub(super) const INTERNAL: i32 = -32603;
const REFUSED: i32 = -32000;

/// Why a simulation gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SimulationError {
    /// The JSON-RPC error code that the specification gives it.
    pub code: i32,
    /// What is wrong.
    pub message: String,
}

pub(super) fn refuse<T>(code: i32, message: impl Into<String>) -> Result<T, SimulationError> {
    Err(SimulationError {
        code,
        message: message.into(),
    })
}

/// The codes that the specification gives to what cannot be pretended.
pub(super) fn pretence(error: CallError) -> SimulationError {
    let code = match error {
        CallError::Move(Misplaced::Itself(_)) => MOVED_TO_ITSELF,
        CallError::Move(Misplaced::Taken(_)) => MOVED_TO_ANOTHER,
        CallError::Move(Misplaced::NoPrecompile(_)) => REFUSED,
        _ => PARAMETERS,
    };
    SimulationError {
        code,
        message: error.to_string(),
    }
}

/// The codes that the specification gives to transactions that cannot be.
pub(super) fn transaction_error(error: EVMError<Missing, InvalidTransaction>) -> SimulationError {
    let code = match &error {
        EVMError::Transaction(invalid) => match invalid {
            InvalidTransaction::GasPriceLessThanBasefee => FEE_TOO_LOW,
            InvalidTransaction::CallGasCostMoreThanGasLimit { .. }
            | InvalidTransaction::GasFloorMoreThanGasLimit { .. } => GAS_TOO_LOW,
            InvalidTransaction::LackOfFundForMaxFee { .. } => FUNDS,
            InvalidTransaction::CallerGasLimitMoreThanBlock => BLOCK_GAS,
            InvalidTransaction::RejectCallerWithCode => SENDER_HAS_CODE,
            InvalidTransaction::CreateInitCodeSizeLimit => INITCODE,
            _ => PARAMETERS,
        },
        _ => INTERNAL,
    };
    SimulationError {
        code,
        message: format!("err: {error}"),
    }
}
