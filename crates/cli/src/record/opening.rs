//! `commonhold record open`.

use std::path::Path;

use alloy_primitives::B256;
use commonhold_sdk::{
    Keystore, Kind, Records, SdkError,
    keystore::Asking,
    records::{Ask, Form, Opened},
};
use serde::Serialize;

use crate::{client::Bar, output::Output};

/// What was opened.
#[derive(Serialize)]
struct Done<'a> {
    id: B256,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<u64>,
    file: &'a Path,
    bytes: u64,
    blamed: Vec<u32>,
}

/// What is asked for, and where it goes.
pub(super) struct Request<'a> {
    pub(super) id: B256,
    pub(super) purpose: B256,
    pub(super) form: Form,
    pub(super) output: &'a Path,
}

pub(super) fn open(
    records: &Records<'_>,
    keystore: &Keystore,
    request: &Request<'_>,
    out: &mut Output,
) -> eyre::Result<()> {
    let Request {
        id,
        purpose,
        form,
        output,
    } = *request;
    let asking = keystore.asking(records.account().address(), id)?;
    if asking.resume {
        out.say("an opening that was cut off is taken up again where the ledger knows of it");
    }
    let ask = Ask {
        purpose,
        secret: &asking.secret,
        resume: asking.resume,
    };
    if output.as_os_str() == "-" {
        // Nothing is let out before all of it was checked: standard output gets it from a file.
        let directory = std::env::temp_dir();
        let opened = records.unseal(id, &ask, form, &directory, &Bar::new(out));
        let (mut file, opened) = settle(asking, opened)?;
        tell(&opened, out);
        return out.copy(&mut file);
    }
    let opened = records.open_sealed(id, &ask, form, output, &Bar::new(out));
    let opened = settle(asking, opened)?;
    tell(&opened, out);
    out.say(format!("{} bytes in {}", opened.bytes, output.display()));
    let done = Done {
        id,
        request: opened.number,
        file: output,
        bytes: opened.bytes,
        blamed: opened.blamed,
    };
    out.result(&done, |_| String::new())
}

/// Keeps the key where trying again may help, and takes it off the disk where not.
fn settle<T>(asking: Asking, outcome: Result<T, SdkError>) -> eyre::Result<T> {
    let again = matches!(&outcome, Err(e) if e.kind() == Kind::Unavailable);
    if !again {
        asking.done()?;
    }
    Ok(outcome?)
}

fn tell(opened: &Opened, out: &Output) {
    if let Some(number) = opened.number {
        out.say(format!("request {number} was permitted"));
    }
    for member in &opened.blamed {
        out.say(format!("member {member} answered falsely"));
    }
}

/// Reads a purpose: text of up to 32 bytes, which stands at the beginning of the word, or the word
/// itself in hex.
pub(crate) fn purpose(text: &str) -> Result<B256, String> {
    if text.starts_with("0x") {
        return text
            .parse()
            .map_err(|_| "0x and 64 hex digits are expected".to_owned());
    }
    if text.len() > 32 || !text.is_ascii() {
        return Err("up to 32 letters are expected".to_owned());
    }
    Ok(B256::right_padding_from(text.as_bytes()))
}
