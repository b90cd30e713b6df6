//! What the framework itself answers when it turns a call away. Every module's ABI carries these
//! errors beside its own, so that clients decode them.

use alloy_sol_types::sol;

sol! {
    #![sol(abi, all_derives)]

    /// The answers of the framework, common to all modules.
    interface IModule {
        /// The input names no function of the module.
        error UnknownSelector(bytes4 selector);
        /// The input is not a valid ABI encoding of the function's arguments.
        error MalformedInput();
        /// The input is longer than a module reads.
        error InputTooLong(uint256 bytesGiven, uint256 bytesMax);
        /// The function takes no value.
        error NotPayable();
        /// The function changes the state and cannot be called from a static call.
        error StaticCall();
        /// A text is longer than its place.
        error TextTooLong(uint256 bytesGiven, uint256 bytesMax);
    }
}

pub use IModule::{
    InputTooLong, MalformedInput, NotPayable, StaticCall, TextTooLong, UnknownSelector,
};
