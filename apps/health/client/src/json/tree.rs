//! A JSON value in memory, of bounded size, in which no key stands twice.
//!
//! A key that stands twice is refused because readers differ in which of the two they take: what one
//! reader files as restricted another would show as harmless.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::refusal::{Place, Reason, Refusal};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node<'a> {
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    Array(Vec<Node<'a>>),
    String(Cow<'a, str>),
    /// As the nearest double; who needs the digits looks at the bytes.
    Number(f64),
    Bool(bool),
    Null,
}

/// Why something is not a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// It is not JSON.
    Syntax,
    /// It ends in the middle.
    Cut,
    /// A key stands twice.
    Twice,
    /// It has more values than the bound.
    Many,
}

const TWICE: &str = "twice";
const MANY: &str = "many";

/// Reads a value of at most `max` values.
pub(crate) fn parse(text: &[u8], max: usize) -> Result<Node<'_>, Trouble> {
    let left = Cell::new(max);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let tree = Build { left: &left }
        .deserialize(&mut reader)
        .and_then(|tree| reader.end().map(|()| tree));
    tree.map_err(|error| {
        if error.is_eof() {
            Trouble::Cut
        } else if error.is_data() {
            let said = error.to_string();
            if said.starts_with(TWICE) {
                Trouble::Twice
            } else {
                Trouble::Many
            }
        } else {
            Trouble::Syntax
        }
    })
}

impl Trouble {
    /// The refusal at a place. `limit` is the bound on values and its name.
    pub(crate) fn refusal(self, place: Place, limit: (usize, &'static str)) -> Refusal {
        let reason = match self {
            Self::Syntax => Reason::Malformed("is not JSON".into()),
            Self::Cut => Reason::Truncated("JSON"),
            Self::Twice => Reason::Malformed(
                "a key stands twice in one object; which of them is meant cannot be told".into(),
            ),
            Self::Many => Reason::TooMuch {
                what: "JSON values",
                limit: limit.1,
                max: limit.0 as u64,
            },
        };
        Refusal::at(place, reason)
    }
}

impl<'a> Node<'a> {
    /// The member of that key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members()
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value)
    }

    /// The member at the end of a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node<'a>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(crate) fn members(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; of anything else none.
    pub(crate) fn elements(&self) -> &[Node<'a>] {
        match self {
            Self::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The elements of that member, which FHIR writes as an array.
    pub(crate) fn list(&self, key: &str) -> &[Node<'a>] {
        self.get(key).map_or(&[], Node::elements)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of that member.
    pub(crate) fn str(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text)
    }

    pub(crate) const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A whole number that is not negative and that a double holds exactly.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked before"
    )]
    pub(crate) fn whole(&self) -> Option<u64> {
        let number = self.number()?;
        let exact = number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number);
        exact.then_some(number as u64)
    }

    pub(crate) const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

#[derive(Clone, Copy)]
struct Build<'c> {
    left: &'c Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| D::Error::custom(MANY))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Node::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Node<'de>)> = Vec::new();
        while let Some(key) = map.next_key_seed(Key)? {
            // Objects of health data are small; a large one is bounded by what it may hold.
            if members.len() < MEMBERS_SEARCHED && members.iter().any(|(k, _)| *k == key) {
                return Err(A::Error::custom(TWICE));
            }
            let value = map.next_value_seed(self)?;
            members.push((key, value));
        }
        if members.len() > MEMBERS_SEARCHED {
            let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
            keys.sort_unstable();
            if keys.windows(2).any(|pair| pair.first() == pair.last()) {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Node::Object(members))
    }
}

/// Members of an object among which a key is searched one by one.
const MEMBERS_SEARCHED: usize = 64;

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}
