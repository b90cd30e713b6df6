//! Logs of value that moves: a simulation can show transfers of ether as if a token did them.

use alloy_primitives::{Address, B256, Log, LogData, U256};
use revm::{
    Inspector,
    bytecode::opcode,
    context_interface::{ContextTr, JournalTr},
    interpreter::{
        CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter,
        interpreter_types::{InputsTr as _, Jumps as _, RuntimeFlag as _},
    },
};
use revm_inspectors::transfer::{TRANSFER_EVENT_TOPIC, TRANSFER_LOG_EMITTER, TransferInspector};

/// Logs each transfer where it happens, so that a revert undoes its log.
pub(crate) struct Transfers(TransferInspector);

impl Default for Transfers {
    fn default() -> Self {
        Self(TransferInspector::new(false).with_logs(true))
    }
}

impl<CTX: ContextTr> Inspector<CTX> for Transfers {
    fn call(&mut self, context: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.0.call(context, inputs)
    }

    fn create(&mut self, context: &mut CTX, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.0.create(context, inputs)
    }

    /// `SELFDESTRUCT` moves the whole balance. If it fails, its frame reverts and the log with it.
    fn step(&mut self, interpreter: &mut Interpreter, context: &mut CTX) {
        if interpreter.bytecode.opcode() != opcode::SELFDESTRUCT
            || interpreter.runtime_flag.is_static()
        {
            return;
        }
        let from = interpreter.input.target_address();
        let Ok(target) = interpreter.stack.peek(0) else {
            return;
        };
        let Ok(account) = context.journal_mut().load_account(from) else {
            return;
        };
        let balance = account.data.info.balance;
        if !balance.is_zero() {
            let to = Address::from_word(B256::from(target));
            context.journal_mut().log(transfer(from, to, balance));
        }
    }
}

fn transfer(from: Address, to: Address, value: U256) -> Log {
    let topics = vec![TRANSFER_EVENT_TOPIC, from.into_word(), to.into_word()];
    let data = LogData::new_unchecked(topics, value.to_be_bytes_vec().into());
    Log {
        address: TRANSFER_LOG_EMITTER,
        data,
    }
}
