//! A value of a document, and where in it that is: every refusal says the place.

use crate::{
    json::Node,
    refusal::{Place, Refusal},
};

pub(super) type Read<T> = Result<T, Refusal>;

/// Why a member is not passed over.
pub(super) const UNKNOWN: &str = "may change what is meant, and the law has no word for it: leave it out, or say it in \
                       what the law has";

/// A node and where it is.
#[derive(Clone, Debug)]
pub(super) struct At<'n, 'a> {
    pub(super) node: &'n Node<'a>,
    path: String,
}

impl<'n, 'a> At<'n, 'a> {
    pub(super) fn new(node: &'n Node<'a>, path: &str) -> Self {
        Self {
            node,
            path: path.to_owned(),
        }
    }

    pub(super) fn refuse<T>(&self, why: impl Into<String>) -> Read<T> {
        Err(Refusal::malformed(Place::file().element(&self.path), why))
    }

    /// A place below, whether there is something or not.
    pub(super) fn at(&self, name: &str) -> Self {
        Self {
            node: self.node,
            path: format!("{}.{name}", self.path),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let node = self.node.get(name)?;
        Some(Self {
            node,
            path: format!("{}.{name}", self.path),
        })
    }

    /// The elements of a list, which FHIR never leaves empty.
    pub(super) fn list(&self, name: &str) -> Read<Vec<Self>> {
        let Some(list) = self.get(name) else {
            return Ok(Vec::new());
        };
        let elements = list.node.elements();
        if elements.is_empty() {
            return list.refuse("is no list with something in it");
        }
        let at = |(number, node)| Self {
            node,
            path: format!("{}[{number}]", list.path),
        };
        Ok(elements.iter().enumerate().map(at).collect())
    }

    pub(super) fn str(&self, name: &str) -> Option<&'n str> {
        self.node.str(name)
    }

    /// Refuses every member that is not among these.
    pub(super) fn only(&self, members: &[&str]) -> Read<()> {
        let mut names = self.node.members().iter().map(|(name, _)| name);
        match names.find(|name| !members.contains(&name.as_ref())) {
            Some(name) => self.at(name).refuse(UNKNOWN),
            None if self.node.is_object() => Ok(()),
            None => self.refuse("is no object"),
        }
    }
}
