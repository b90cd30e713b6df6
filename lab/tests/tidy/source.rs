//! Reading Rust sources just well enough to tell code from comments, text and tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A Rust file of this repository.
pub(crate) struct Source {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with comments, literals and test items blanked out.
    code: String,
}

/// Every Rust file of ours.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf();
    let mut found = Vec::new();
    for folder in ["crates", "apps", "lab", "bench"] {
        walk(&root.join(folder), &mut found);
    }
    found.sort();
    let sources: Vec<Source> = found.iter().map(|path| Source::read(&root, path)).collect();
    assert!(
        sources.len() > 50,
        "the repository's sources were not found"
    );
    sources
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules") {
            walk(&path, found);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

impl Source {
    fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let path = path
            .strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let code = without_tests(&blank(&text));
        Self { path, text, code }
    }

    /// The crate, as the tables call it: the folder below `crates`, the two below `apps` with a dash
    /// between, or `lab`, `bench`.
    pub(crate) fn owner(&self) -> String {
        let parts: Vec<&str> = self.path.split('/').collect();
        match parts.as_slice() {
            ["crates", name, ..] => (*name).to_owned(),
            ["apps", app, name, ..] => format!("{app}-{name}"),
            [first, ..] => (*first).to_owned(),
            [] => String::new(),
        }
    }

    /// Whether the whole file is for tests.
    pub(crate) fn is_test(&self) -> bool {
        let test_file = ["tests.rs", "properties.rs", "testing.rs"]
            .iter()
            .any(|end| self.path.ends_with(end));
        test_file || self.path.split('/').any(|part| part == "tests")
    }

    /// Numbered lines of code.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    pub(crate) fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }
}

/// The identifiers in a line.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// `text` with the insides of comments, strings and characters replaced by spaces; lines stay.
fn blank(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest, &code) {
            length
        } else if c == '"' {
            string(rest)
        } else if let Some(length) = character(rest) {
            length
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let (literal, after) = rest.split_at(length);
        code.extend(literal.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    code
}

fn raw_string(rest: &str, before: &str) -> Option<usize> {
    let inner = rest
        .strip_prefix('r')
        .filter(|_| !before.ends_with(|c: char| c.is_alphanumeric() && c != 'b'))?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = 1 + hashes + 1;
    rest[start..].find(&end).map(|at| start + at + end.len())
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal, not a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        return inner
            .char_indices()
            .skip(2)
            .find(|(_, c)| *c == '\'')
            .map(|(at, _)| at + 2);
    }
    let first = inner.chars().next()?;
    inner[first.len_utf8()..]
        .starts_with('\'')
        .then_some(first.len_utf8() + 2)
}

/// Blanks the items under `#[cfg(test)]`: to the end of their braces, or to their semicolon.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        kept.push_str(&rest[..at]);
        let item = &rest[at..];
        let (mut depth, mut end) = (0usize, item.len());
        for (position, c) in item.char_indices().skip(MARK.len()) {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(c, '}' | ';' | ',') {
                end = position + 1;
                break;
            }
        }
        kept.extend(
            item[..end]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' }),
        );
        rest = &item[end..];
    }
    kept + rest
}

#[test]
fn code_is_told_from_text_and_tests() {
    let text = r##"
fn a<'a>(x: &'a str) -> char { '"' } // f64
/* HashMap
*/ const B: &str = "f64 \" {"; const R: &str = r#"rand"#;
#[cfg(test)]
#[allow(x, reason = "{")]
mod tests { fn f() { tokio(); } }
fn after() {}
#[cfg(test)]
mod more;
fn last() { '\'' }
"##;
    let code = without_tests(&blank(text));
    assert_eq!(code.lines().count(), text.lines().count());
    let found: Vec<&str> = words(&code)
        .filter(|w| ["f64", "HashMap", "rand", "tokio", "tests", "more"].contains(w))
        .collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(
        ["str", "B", "R", "after", "last"]
            .iter()
            .all(|name| words(&code).any(|word| word == *name))
    );
}
