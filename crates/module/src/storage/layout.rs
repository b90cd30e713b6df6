//! What lies where, in words: for golden files, explorers and whoever reads storage by hand.

use std::collections::BTreeMap;

use super::{Item, record::Cursor};

/// A declared variable.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its first slot.
    pub slot: u64,
    /// Slots it takes.
    pub words: u64,
    /// Names its type.
    describe: fn(&mut Layout) -> String,
}

impl Variable {
    /// The variable `name` of type `V` at `slot`.
    pub const fn new<V: Item>(name: &'static str, slot: u64) -> Self {
        Self {
            name,
            slot,
            words: V::WORDS,
            describe: V::describe,
        }
    }
}

/// Whether no two variables overlap and they stand in the order of their slots.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub const fn disjoint(variables: &[Variable]) -> bool {
    let mut free = 0u64;
    let mut i = 0usize;
    while i < variables.len() {
        let variable = &variables[i];
        if variable.slot < free {
            return false;
        }
        free = variable.slot.saturating_add(variable.words);
        i = i.saturating_add(1);
    }
    true
}

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its Solidity type.
    pub kind: String,
    /// Slots before its own.
    pub word: u64,
    /// Bytes between it and the low-order end of its slot.
    pub offset: usize,
}

/// The records that a layout speaks of.
#[derive(Default)]
pub struct Layout {
    records: BTreeMap<&'static str, Vec<Member>>,
}

impl Layout {
    /// Notes a record and answers its name.
    pub fn record(
        &mut self,
        name: &'static str,
        fields: &[(&'static str, String, usize)],
    ) -> String {
        let mut cursor = Cursor::default();
        let members = fields
            .iter()
            .map(|(name, kind, bytes)| {
                let (offset, _) = cursor.next(*bytes);
                Member {
                    name,
                    kind: kind.clone(),
                    word: cursor.word,
                    offset,
                }
            })
            .collect();
        self.records.insert(name, members);
        name.to_owned()
    }

    /// The layout as text: one line per variable, then each record with its fields.
    pub fn render(variables: &[Variable]) -> String {
        use std::fmt::Write as _;
        let mut layout = Self::default();
        let mut text = String::new();
        for variable in variables {
            let kind = (variable.describe)(&mut layout);
            let _ = writeln!(text, "slot {:>2}  {}: {kind}", variable.slot, variable.name);
        }
        for (name, members) in &layout.records {
            let _ = writeln!(text, "\nstruct {name}");
            for Member {
                name,
                kind,
                word,
                offset,
            } in members
            {
                let _ = writeln!(text, "  slot +{word} byte {offset:>2}  {name}: {kind}");
            }
        }
        text
    }
}

/// Declares a module's storage: one constant handle per variable, each with its slot number, and
/// `LAYOUT`, which lists them. Overlapping or unordered slots do not compile.
#[macro_export]
macro_rules! storage {
    ($( $(#[$meta:meta])* $name:ident : $ty:ty = $slot:literal; )+) => {
        $( $(#[$meta])* pub(super) const $name: $ty = <$ty>::declared($slot); )+

        /// What lies where.
        pub(super) const LAYOUT: &[$crate::storage::Variable] =
            &[$( $crate::storage::Variable::new::<$ty>(stringify!($name), $slot) ),+];

        const _: () = assert!($crate::storage::disjoint(LAYOUT), "storage slots overlap");
    };
}
