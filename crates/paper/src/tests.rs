use super::*;

const COLUMNS: &[Column<'_>] = &[
    Column {
        head: "Day",
        parts: 2,
        right: false,
    },
    Column {
        head: "Wh",
        parts: 1,
        right: true,
    },
];

fn paper(rows: usize) -> Vec<u8> {
    let mut paper = Paper::new("Bill", "Elm Street");
    paper.heading("June");
    paper.text("What was bought from neighbours, and what from the grid.");
    paper.pairs(&[("Household", "anna".to_owned())]);
    let rows: Vec<_> = (0..rows)
        .map(|n| vec![format!("day {n}"), (n * 7).to_string()])
        .collect();
    paper.table(COLUMNS, &rows).unwrap();
    paper
        .code("https://example.org/bill/1", "Check it")
        .unwrap();
    paper.finish().unwrap()
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .filter(|part| *part == what)
        .count()
}

#[test]
fn the_same_calls_make_the_same_bytes() {
    let bytes = paper(3);
    assert_eq!(bytes, paper(3));
    assert_ne!(bytes, paper(4));
    assert!(bytes.starts_with(b"%PDF-1."));
    assert!(bytes.ends_with(b"%%EOF"), "{:?}", &bytes[bytes.len() - 8..]);
    for told in [
        &b"(anna)"[..],
        b"(day 2)",
        b"(14)",
        b"(1 / 1)",
        b"/WinAnsiEncoding",
    ] {
        assert_eq!(
            count(&bytes, told),
            if told.ends_with(b"Encoding") { 2 } else { 1 }
        );
    }
}

#[test]
fn a_table_goes_on_over_pages_with_its_head() {
    let bytes = paper(150);
    let pages = count(&bytes, b"/Type /Page\n");
    assert!(pages >= 3, "{pages}");
    // The paper's own code may stand alone on the last.
    let heads = count(&bytes, b"(Day)");
    assert!(heads == pages || heads + 1 == pages, "{heads} of {pages}");
    assert_eq!(count(&bytes, format!("({pages} / {pages})").as_bytes()), 1);
}

#[test]
fn what_does_not_fit_is_cut_or_refused() {
    let mut paper = Paper::new("Bill", "");
    let wide = vec!["w".repeat(500), "1".to_owned()];
    paper.table(COLUMNS, &[wide]).unwrap();
    assert_eq!(paper.table(&[], &[]), Err(Unfit::Columns));
    assert_eq!(
        paper.code(&"x".repeat(CODE_BYTES_MAX + 1), ""),
        Err(Unfit::Code)
    );
    paper.code(&"x".repeat(CODE_BYTES_MAX), "").unwrap();
    let bytes = paper.finish().unwrap();
    assert_eq!(count(&bytes, &[b'w'; 200]), 0);
    let cut = fitting(&[b'w'; 500], 100.0, 8.0);
    assert_eq!(cut.last(), Some(&0x85));
    assert!((90.0..=100.0).contains(&points(&cut, 8.0)), "{cut:?}");
    let rows = vec![vec![String::new(), String::new()]; PAGES_MAX * 60];
    let mut long = Paper::new("Long", "");
    long.table(COLUMNS, &rows).unwrap();
    assert_eq!(long.finish(), Err(Unfit::Pages));
}

#[test]
fn a_paragraph_is_broken_between_words() {
    let broken = lines("one two three", points(b"one two", 10.0), 10.0);
    assert_eq!(broken, [b"one two".to_vec(), b"three".to_vec()]);
}
