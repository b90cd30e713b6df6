//! Words of a text.

use super::parse::Fault;
use crate::limits::ARL_NAME_BYTES_MAX;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Name(String),
    Number(i64),
    Text(String),
    /// A sign of one or two letters.
    Sign(&'static str),
}

const SIGNS: [&str; 23] = [
    "||", "&&", "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "!", "(", ")", "{", "}", "[", "]",
    ",", ":", "=", "@", ".",
];

/// A word and its line.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) token: Token,
    pub(super) line: u32,
}

/// The words of a text.
pub(super) fn words(text: &str) -> Result<Vec<Word>, Fault> {
    let mut words = Vec::new();
    for (line, rest) in (1u32..).zip(text.lines()) {
        let mut rest = rest.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let (token, left) =
                next(rest).ok_or(Fault::at(line, "has a letter that means nothing"))?;
            words.push(Word { token, line });
            rest = left.trim_start();
        }
    }
    Ok(words)
}

fn next(rest: &str) -> Option<(Token, &str)> {
    let first = rest.chars().next()?;
    let take = |is: fn(char) -> bool| {
        let end = rest.find(|letter| !is(letter)).unwrap_or(rest.len());
        rest.split_at_checked(end)
    };
    if first.is_ascii_digit() {
        let (digits, left) = take(|letter| letter.is_ascii_digit())?;
        return Some((Token::Number(digits.parse().ok()?), left));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let (name, left) = take(|letter| letter.is_ascii_alphanumeric() || letter == '_')?;
        let fits = name.len() <= ARL_NAME_BYTES_MAX;
        return fits.then(|| (Token::Name(name.to_owned()), left));
    }
    if let Some(rest) = rest.strip_prefix('"') {
        let (text, left) = rest.split_once('"')?;
        let plain = text.bytes().all(|letter| (0x20..0x7f).contains(&letter));
        let fits = plain && !text.is_empty() && text.len() <= ARL_NAME_BYTES_MAX;
        return fits.then(|| (Token::Text(text.to_owned()), left));
    }
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
    Some((Token::Sign(sign), rest.get(sign.len()..)?))
}
