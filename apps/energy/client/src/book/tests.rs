use super::*;

fn taken(text: &str) -> Vec<Book> {
    read(text, "file").unwrap()
}

fn refused(text: &str) -> String {
    read(text, "file").unwrap_err().to_string()
}

const CSV: &str = "side,order,price_micro_per_kwh,energy_wh\n";

#[test]
fn one_and_the_same_book_in_every_form() {
    let forms = [
        r#"{"id": "x", "bids": [["b", 9, 5]], "offers": [["o", -3, 4]]}"#.to_owned(),
        r#"[{"id": "x", "bids": [["b", 9.0, 5e0]], "offers": [["o", -3, 4]]}]"#.to_owned(),
        r#"{"units": {}, "books": [{"id": "x", "bids": [["b", 9, 5]], "offers": [["o", -3, 4]], "more": 1}]}"#.to_owned(),
        r#"{"id": "x", "bids": [{"id": "b", "price_micro_per_kwh": 9, "energy_wh": 5}],
            "offers": [{"order": "o", "price_micro_per_kwh": -3, "energy_wh": 4}]}"#.to_owned(),
        r#"{"cases": [{"id": "x", "bids": [{"id": "b", "rate": 0.0009, "energy": 0.005}],
            "offers": [{"id": "o", "rate": -0.0003, "energy": 0.004}]}]}"#.to_owned(),
        "book,energy_wh,side,order,price_micro_per_kwh\nx,5,Buy,b,9\nx,4,s,o,-3\n".to_owned(),
    ];
    let first = taken(&forms[0]);
    assert_eq!(first[0].id, "x");
    assert_eq!((first[0].bids[0].price, first[0].bids[0].quantity), (9, 5));
    for form in &forms {
        assert_eq!(taken(form), first, "{form}");
    }
}

#[test]
fn a_rate_finer_than_a_micro_keeps_the_limit() {
    let books = taken(
        r#"{"bids": [{"id": 1, "rate": 1.00002, "energy": 1}],
            "offers": [{"id": 1, "rate": 1.00002, "energy": 1}]}"#,
    );
    assert_eq!(books[0].bids[0].price, 10_000);
    assert_eq!(books[0].offers[0].price, 10_001);
    assert_eq!(books[0].bid_names, ["1"]);
}

#[test]
fn books_without_a_name_go_by_their_number_or_the_file() {
    let one = r#"{"bids": [], "offers": []}"#;
    assert_eq!(taken(one)[0].id, "file");
    assert_eq!(taken(&format!("[{one}, {one}]"))[1].id, "book-2");
    assert_eq!(taken(CSV)[0].id, "file");
    let two = taken("side,order,price_micro_per_kwh,energy_wh,book\nB,1,1,1,y\nS,1,1,1,x\n");
    assert_eq!((two[0].id.as_str(), two[1].id.as_str()), ("y", "x"));
}

#[test]
fn json_that_is_no_book_is_refused_with_its_place() {
    for (text, expected) in [
        ("", "line 1: side is missing"),
        ("{", "line 1: ends in the middle of JSON"),
        ("{]", "line 1: is not JSON"),
        ("[]", "the file: holds no order book"),
        ("[7]", "[0]: is no order book"),
        ("{\"books\": 7}", "line 1: has another shape"),
        ("{\"books\": [], \"cases\": []}", "the file: has both"),
        ("{}", "the file: bids is missing"),
        (r#"{"bids": []}"#, "the file: offers is missing"),
        (
            r#"{"books": [{"bids": [], "offers": [["a", 1]]}]}"#,
            "books[0].offers[0]: an order is [id, price, energy]",
        ),
        (r#"{"bids": [7], "offers": []}"#, "bids[0]: is no order"),
        (
            r#"{"bids": [{"id": "a"}], "offers": []}"#,
            "bids[0]: rate or energy is missing",
        ),
        (
            r#"{"bids": [{"id": "a", "energy_wh": 1}], "offers": []}"#,
            "bids[0]: price_micro_per_kwh or energy_wh is missing",
        ),
        (
            r#"{"bids": [{"id": "a", "rate": 1, "energy_wh": 1}], "offers": []}"#,
            "bids[0]: columns are in different units",
        ),
        (
            r#"[{"id": "x", "bids": [], "offers": []}, {"id": "x", "bids": [], "offers": []}]"#,
            "[1]: has the same id as [0]",
        ),
        (
            r#"{"id": [], "bids": [], "offers": []}"#,
            "the file: an id is",
        ),
        (
            r#"{"id": "", "bids": [], "offers": []}"#,
            "the file: an id has",
        ),
    ] {
        let found = refused(text);
        assert!(found.starts_with(expected), "{text}: {found}");
    }
}

#[test]
fn hostile_orders_are_refused_with_their_place() {
    let book = |row: &str| format!(r#"{{"bids": [["a", 1, 1], {row}], "offers": []}}"#);
    for (row, expected) in [
        (
            r#"["b", 1.5, 1]"#,
            "the price is no whole number of micro-currency per kWh",
        ),
        (r#"["b", "1", 1]"#, "the price is no whole number"),
        (r#"["b", null, 1]"#, "the price is no whole number"),
        (r#"["b", 1, 0.5]"#, "the energy is no whole number of Wh"),
        (r#"["b", 1, 0]"#, "the energy is outside of 1 to"),
        (r#"["b", 1, -5]"#, "the energy is outside of 1 to"),
        (
            r#"["b", 1, 1000000000001]"#,
            "the energy is outside of 1 to",
        ),
        (
            r#"["b", 1, 99999999999999999999]"#,
            "the energy is no whole number",
        ),
        (
            r#"["b", 10000001, 1]"#,
            "the price is outside of -10000000 to 10000000",
        ),
        (
            r#"["b", -9223372036854775808, 1]"#,
            "the price is outside of",
        ),
        (r#"["a", 1, 1]"#, "has the same order id as bids[0]"),
        (r#"[["a"], 1, 1]"#, "an id is a text or a number"),
        (r#"["b\u001b[2J", 1, 1]"#, "an id has 1 to 128 bytes"),
        ("null", "is no order"),
    ] {
        let found = refused(&book(row));
        assert!(
            found.starts_with(&format!("bids[1]: {expected}")),
            "{row}: {found}"
        );
        assert!(!found.contains('\u{1b}'));
    }
}

#[test]
fn hostile_tables_are_refused_with_their_line() {
    for (rows, expected) in [
        ("B,a,1,1\nX,b,1,1\n", "line 3: a side is B or S"),
        ("B,a,1\n", "line 2: has 3 columns, not 4"),
        ("B,a,1,1,1\n", "line 2: has 5 columns, not 4"),
        ("B,a,1.5,1\n", "line 2: the price is no whole number"),
        ("B,a,,1\n", "line 2: the price is no whole number"),
        ("B,,1,1\n", "line 2: an id has"),
        ("B,a,1,0\n", "line 2: the energy is outside"),
        (
            "B,a,1,1\nS,a,1,1\nB,a,2,2\n",
            "line 4: has the same order id as line 2",
        ),
    ] {
        let found = refused(&format!("{CSV}{rows}"));
        assert!(found.starts_with(expected), "{rows}: {found}");
    }
    let found = refused("side,order,price_micro_per_kwh,energy_kwh\n");
    assert_eq!(found, "line 1: energy_wh is missing");
    let found = refused("side,order,price_micro_per_kwh,energy_wh,side\n");
    assert_eq!(found, "line 1: names a column twice");
}
