use super::*;

fn id(n: u8) -> B256 {
    B256::repeat_byte(n)
}

fn endpoint(n: u8, level: Level) -> Endpoint {
    Endpoint {
        id: id(n),
        level,
        text: text_hash(&format!("endpoint {n}")),
        timePoint: B256::ZERO,
    }
}

fn outcome(n: u8, level: Reporting) -> Reported {
    Reported {
        endpoint: id(n),
        level,
        text: text_hash(&format!("endpoint {n}")),
        timePoint: B256::ZERO,
    }
}

fn protocol() -> Vec<Endpoint> {
    vec![
        endpoint(1, Level::Primary),
        endpoint(2, Level::Secondary),
        endpoint(3, Level::Exploratory),
        Endpoint {
            text: B256::ZERO,
            ..endpoint(4, Level::Secondary)
        },
    ]
}

fn faithful() -> Vec<Reported> {
    vec![
        outcome(1, Reporting::Primary),
        outcome(2, Reporting::Secondary),
    ]
}

fn switches(reported: &[Reported]) -> Vec<(B256, Switch)> {
    let findings = compare(&protocol(), &[], reported);
    assert!(
        findings
            .iter()
            .all(|f| f.declared == (f.what == Switch::NovelDeclared))
    );
    findings.iter().map(|f| (f.endpoint, f.what)).collect()
}

#[test]
fn a_faithful_report_has_no_findings() {
    assert!(switches(&faithful()).is_empty());
    assert_eq!(verdict(&[]), Consistency::Consistent);
    let mut more = faithful();
    more.push(outcome(3, Reporting::Other));
    more.push(outcome(1, Reporting::Other));
    assert!(switches(&more).is_empty(), "its highest level counts");
    let nameless = faithful().into_iter().map(|outcome| Reported {
        endpoint: B256::ZERO,
        ..outcome
    });
    assert!(switches(&nameless.collect::<Vec<_>>()).is_empty());
}

#[test]
fn each_switch_is_found() {
    for (reported, expected) in [
        (
            vec![],
            vec![(1, Switch::PrimaryOmitted), (2, Switch::SecondaryOmitted)],
        ),
        (
            vec![
                outcome(1, Reporting::Secondary),
                outcome(2, Reporting::Primary),
            ],
            vec![(1, Switch::PrimaryDemoted), (2, Switch::SecondaryPromoted)],
        ),
        (
            vec![outcome(1, Reporting::PostHoc), outcome(2, Reporting::Other)],
            vec![(1, Switch::PrimaryDemoted)],
        ),
        (
            [faithful(), vec![outcome(3, Reporting::Secondary)]].concat(),
            vec![(3, Switch::ExploratoryPromoted)],
        ),
        (
            [faithful(), vec![outcome(9, Reporting::Secondary)]].concat(),
            vec![(0, Switch::NovelUndeclared)],
        ),
        (
            [faithful(), vec![outcome(4, Reporting::Secondary)]].concat(),
            vec![(0, Switch::NovelUndeclared)],
        ),
        (
            [faithful(), vec![outcome(9, Reporting::PostHoc)]].concat(),
            vec![(0, Switch::NovelDeclared)],
        ),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(n, what)| (id(n), what))
            .collect();
        assert_eq!(switches(&reported), expected, "{reported:?}");
    }
}

#[test]
fn a_changed_definition_is_found_under_its_id() {
    let reworded = Reported {
        text: text_hash("something else"),
        ..outcome(1, Reporting::Secondary)
    };
    let found = switches(&[reworded, outcome(2, Reporting::Secondary)]);
    let both = [
        (id(1), Switch::PrimaryDemoted),
        (id(1), Switch::DefinitionChanged),
    ];
    assert_eq!(found, both);

    let at = |point: &str| Endpoint {
        timePoint: text_hash(point),
        ..endpoint(1, Level::Primary)
    };
    let reported = |point: &str| Reported {
        timePoint: text_hash(point),
        ..outcome(1, Reporting::Primary)
    };
    let unstated = outcome(1, Reporting::Primary);
    assert!(compare(&[at("week 24")], &[], &[unstated]).is_empty());
    assert!(compare(&[at("week 24")], &[], &[reported("Week 24.")]).is_empty());
    let moved = compare(&[at("week 24")], &[], &[reported("week 16")]);
    assert_eq!(
        moved.first().map(|f| f.what),
        Some(Switch::DefinitionChanged)
    );
}

#[test]
fn amendments_declare_and_excuse_nothing_but_additions() {
    let amended = [
        endpoint(1, Level::Secondary),
        endpoint(2, Level::Secondary),
        endpoint(5, Level::Secondary),
    ];
    let reported = [
        outcome(1, Reporting::Secondary),
        outcome(2, Reporting::Primary),
        outcome(5, Reporting::Secondary),
    ];
    let findings = compare(&protocol(), &amended, &reported);
    let told: Vec<_> = findings.iter().map(|f| (f.what, f.declared)).collect();
    assert_eq!(
        told,
        [
            (Switch::PrimaryDemoted, true),
            (Switch::SecondaryPromoted, false),
            (Switch::NovelDeclared, true)
        ]
    );
    assert_eq!(verdict(&findings), Consistency::Switched);
    let additions = compare(
        &protocol(),
        &amended,
        &[faithful(), vec![outcome(5, Reporting::Primary)]].concat(),
    );
    assert_eq!(
        verdict(&additions),
        Consistency::ConsistentWithDeclaredAdditions
    );
}

#[test]
fn the_version_at_first_enrolment_counts() {
    let times = [10, 20, 30];
    for (enrolled, version) in [(0, 2), (10, 0), (19, 0), (20, 1), (29, 1), (30, 2), (99, 2)] {
        assert_eq!(in_force(&times, enrolled), Some(version), "{enrolled}");
    }
    assert_eq!(in_force(&[], 0), None);
    assert_eq!(in_force(&times, 9), None);
}

#[test]
fn texts_are_compared_by_their_words() {
    for (text, plain) in [
        (
            "Interview\u{2013}based  Impression",
            "interview based impression",
        ),
        ("Clinician\u{2019}s (CIBIC+)", "clinician s cibic"),
        (" Week 24. ", "week 24"),
        ("\u{c4}ußere Größe", "\u{c4}ußere größe"),
        ("***", ""),
    ] {
        assert_eq!(normalised(text), plain);
    }
    assert_eq!(text_hash("A  b"), text_hash("a-B"));
    assert_ne!(text_hash("Week 16"), text_hash("Week 24"));
    for text in ["", "  ", "*** To be determined from protocol ***", "-"] {
        assert!(is_placeholder(text), "{text}");
        assert!(text_hash(text).is_zero());
    }
}
