//! Exceptions as a command takes them: `classes=labs.restricted to=study:3 until=2027-01-01`.

use commonhold_health_contract::{codes::purpose_bit, interface::IHealth::Terms};
use commonhold_session::Session;

use super::recipient;

use crate::{moments, words};

/// What is denied within a permit; what is not said is as in the permit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exception {
    classes: Option<u32>,
    purposes: Option<u16>,
    to: Option<String>,
    from: u64,
    until: u64,
}

/// Reads an exception.
pub(crate) fn parse(text: &str) -> Result<Exception, String> {
    let mut exception = Exception::default();
    for part in text.split_whitespace() {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name {
            "classes" => exception.classes = Some(words::parse_classes(value)?),
            "purpose" => {
                let mut purposes = value.split(',').map(words::parse_purpose);
                let set = purposes.try_fold(0, |set, purpose| Ok(set | purpose_bit(purpose?)));
                exception.purposes = Some(set.map_err(|e: String| e)?);
            }
            "to" => exception.to = Some(value.to_owned()),
            "from" => exception.from = moments::parse(value)?,
            "until" => exception.until = moments::parse(value)?,
            _ => {
                let why = "say classes=…, purpose=…, to=…, from=…, until=…, with blanks between";
                return Err(format!("{part:?} says no exception: {why}"));
            }
        }
    }
    match exception == Exception::default() {
        true => Err("an exception of nothing".to_owned()),
        false => Ok(exception),
    }
}

impl Exception {
    /// As the law has it, within a permit.
    pub(super) fn terms(&self, session: &dyn Session, permit: &Terms) -> eyre::Result<Terms> {
        let (kind, recipient) = recipient(session, self.to.as_deref().unwrap_or("anyone"))?;
        Ok(Terms {
            purposes: self.purposes.unwrap_or(permit.purposes),
            classes: self.classes.unwrap_or(permit.classes),
            kind,
            recipient,
            notBefore: self.from,
            until: self.until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_says_what_it_excepts() {
        let read = parse("classes=labs.restricted,genomic purpose=research to=study:3").unwrap();
        assert_eq!(read.classes, Some((1 << 21) | (1 << 9)));
        assert_eq!(read.purposes, Some(1));
        assert_eq!(read.to.as_deref(), Some("study:3"));
        assert_eq!(parse("until=2026-12-31").unwrap().until, 1_798_675_200);
        for text in ["", "labs", "classes=blood", "purpose=fun", "until=then"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
