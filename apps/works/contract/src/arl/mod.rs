//! ARL-1: rulesets as text, which contracts pin by the text's hash and every member reads.
//!
//! ```text
//! text    := "ruleset" STRING NUMBER ("fibre" | "radio") const* section*
//! const   := "const" NAME "=" (["-"] NUMBER | "{" NUMBER ":" ["-"] NUMBER, … "}")
//! section := ("each" | "after") (let | rule)*
//! let     := "let" NAME "=" expr
//! rule    := "rule" NAME STRING ["omit"] ["stop"] ["if" expr] ["guard" expr] ":" expr "<=" expr
//! expr    := "||", "&&", < <= > >= == !=, + -, *, unary - !, in this order from the loosest
//! value   := NUMBER | "nothing" | NAME | NAME "[" expr "]" | NAME "@" NUMBER | NAME "." FIELD
//!          | NAME "(" expr, … ")" | FOLD "(" expr "for" NAME "in" expr ["if" expr] ")" | "(" expr ")"
//! FOLD    := "max" | "min" | "sum" | "count"
//! ```
//! `#` begins a comment. Whatever is written is total: there is no recursion, no loop but a fold over a list of
//! at most [`RECORDS_MAX`](crate::limits::ARL_RECORDS_MAX) records, and what a text may cost is known, and
//! bounded, when it is read. Numbers are integers; what exceeds 128 bits on the way or 64 at its end is an
//! overflow, and no verdict.
//!
//! `nothing` is a number that is not there: what is computed of it is nothing, what is compared with it is
//! false. Divisions by zero are nothing. Folds pass over it; `max` and `min` of an empty list are nothing, `sum`
//! and `count` zero.
//!
//! `each` is run for each wavelength (of a radio site: once), `after` once after that; there `x@1550` is the
//! list `x` of a wavelength. A rule compares its value with its limit ([`crate::acceptance`]): with `if` only
//! where that holds; where the value is nothing it says that evidence is insufficient, or with `omit` nothing;
//! where the limit is nothing it says nothing. `stop` ends the section where it does not pass.
//! `passed(RULE)` is whether a rule above said something and did not fail.
//!
//! | function | is |
//! |---|---|
//! | `div(x, y)`, `floor(x, y)`, `mod(x, y)` | to the nearest, halves away from zero; down; what `floor` leaves |
//! | `abs(x)`, `larger(x, y)`, `smaller(x, y)` | the latter two pass over nothing |
//! | `mid(x, y)` | half of the sum, down |
//! | `or(x, y)`, `choose(c, x, y)`, `known(x)` | y where x is nothing; x where c holds, else y; whether it is there |
//! | `pulse(s)`, `length(s, design, tol)` | of a side: what its pulse covers; the link's length seen from it |
//! | `pair(a, b, link, tol)` | events seen from both sides: `at`, `loss`, `reflectance`, `connector`, `ends` |
//! | `sections(a, b, to)` | of both sides' tables up to `to`: `length`, `slope` |
//! | `near(events, at, within, else)` | the loss of the event nearest to a place |
//!
//! Of a fibre are known: `nm`, `design` (mm), `splices`, `connectors`, and its sides `a` and `b`. A ruleset of
//! fibres has the constants `trace_attenuation` and `trace_loss` (µdB/km, µdB): how far a table may be off its
//! trace. Of a radio site: see [`radio`].

mod expression;
mod judged;
mod lex;
mod parse;
pub mod radio;
mod run;
mod tree;
mod written;

#[cfg(test)]
mod tests;

pub use judged::{Judged, Ruled};
pub use parse::{Fault, parse};
pub use run::fibre;
pub use tree::{Kind, Ruleset};
pub use written::{written, written_radio};

/// FIBRE-OSP-1 with the limits of GB 51171.
pub const FIBRE_OSP_1: &str = include_str!("texts/fibre-osp-1.arl");
/// RADIO-1.
pub const RADIO_1: &str = include_str!("texts/radio-1.arl");
