use alloy_primitives::{Address, B256};
use commonhold_index::{Index, IndexError, LogQuery, Position, limits};

use crate::support::{Numbers, Sent, chain, finalised, genesis, topic, who};

/// Runs `check` with all blocks in memory, with half of them written, and with all of them read from
/// the file by an index that was opened again.
fn in_every_state(blocks: &[Vec<Sent>], check: impl Fn(&Index)) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index");
    let index = Index::open(&path, &genesis(1)).unwrap();
    let half = blocks.len() / 2;
    for (number, sent) in (1..).zip(blocks) {
        index.apply(&finalised(number, sent)).unwrap();
        if number == half as u64 {
            index.flush().unwrap();
        }
    }
    check(&index);
    index.flush().unwrap();
    check(&index);
    drop(index);
    let index = Index::open(&path, &genesis(1)).unwrap();
    assert_eq!(index.height(), blocks.len() as u64);
    check(&index);
}

#[test]
fn blocks_and_transactions_are_found() {
    let blocks = chain(40, 1);
    in_every_state(&blocks, |index| {
        assert_eq!(index.block(0).unwrap().unwrap().hash, genesis(1).hash());
        assert!(index.block(41).unwrap().is_none());
        assert!(index.find(&B256::ZERO).unwrap().is_none());
        for (number, sent) in (1..).zip(&blocks) {
            let put_in = finalised(number, sent);
            let entry = index.block(number).unwrap().unwrap();
            assert_eq!(entry.hash, put_in.block.hash());
            assert_eq!(&entry.header, put_in.block.header());
            assert_eq!(entry.transactions, put_in.block.transactions());
            assert_eq!(entry.receipts, put_in.receipts);
            assert_eq!(entry.senders, put_in.senders);
            assert_eq!(index.block_by_hash(&entry.hash).unwrap().unwrap(), entry);
            assert_eq!(index.witness(number).unwrap().unwrap(), put_in.witness);
            for (at, hash) in entry.hashes.iter().enumerate() {
                let (found, index) = index.find(hash).unwrap().unwrap();
                assert_eq!((found.number(), index), (number, at));
                assert_eq!(entry.gas_used(at), 21_000);
            }
        }
    });
}

#[test]
fn logs_are_those_that_a_plain_scan_finds() {
    let blocks = chain(60, 2);
    let mut numbers = Numbers(3);
    let mut queries = Vec::new();
    for _ in 0..60 {
        let mut query = LogQuery {
            from: numbers.below(61),
            to: 0,
            ..LogQuery::default()
        };
        query.to = query.from + numbers.below(61 - query.from.min(60));
        query.addresses = (0..numbers.below(3))
            .map(|_| who(numbers.below(5)))
            .collect();
        for place in &mut query.topics {
            *place = (0..numbers.below(3).saturating_sub(1))
                .map(|_| topic(numbers.below(3)))
                .collect();
        }
        queries.push(query);
    }
    let mut hits = 0;
    for query in &queries {
        for (number, sent) in (1..).zip(&blocks) {
            if (query.from..=query.to).contains(&number) {
                hits += sent
                    .iter()
                    .flat_map(|s| &s.logs)
                    .filter(|log| query.matches(log))
                    .count();
            }
        }
    }
    assert!(hits > 100, "the queries find something: {hits}");
    in_every_state(&blocks, |index| {
        for query in &queries {
            let found = index.logs(query).unwrap();
            let mut want = Vec::new();
            for (number, sent) in (1..).zip(&blocks) {
                if !(query.from..=query.to).contains(&number) {
                    continue;
                }
                let all = sent.iter().enumerate();
                let all = all.flat_map(|(tx, s)| s.logs.iter().map(move |log| (tx, log)));
                want.extend(
                    all.enumerate()
                        .filter(|(_, (_, log))| query.matches(log))
                        .map(|(place, (tx, log))| (number, tx, place, log.clone())),
                );
            }
            let got: Vec<_> = found
                .iter()
                .map(|f| {
                    (
                        f.entry.number(),
                        f.transaction,
                        f.log_in_block,
                        f.get().unwrap().clone(),
                    )
                })
                .collect();
            assert_eq!(got, want, "{query:?}");
        }
    });
}

fn walk(index: &Index, address: &Address, size: usize) -> Vec<Position> {
    let mut all = Vec::new();
    let mut before = 0;
    loop {
        let page = index.before(address, before, size).unwrap();
        assert_eq!(page.first, before == 0);
        all.extend(&page.positions);
        match page.positions.last() {
            Some(last) if !page.last => before = last.number,
            _ => return all,
        }
    }
}

fn walk_up(index: &Index, address: &Address, size: usize) -> Vec<Position> {
    let mut all: Vec<Position> = Vec::new();
    let mut after = 0;
    loop {
        let page = index.after(address, after, size).unwrap();
        assert_eq!(page.last, after == 0);
        let newest = page.positions.first().copied();
        all.splice(0..0, page.positions);
        match newest {
            Some(newest) if !page.first => after = newest.number,
            _ => return all,
        }
    }
}

#[test]
fn histories_are_complete_and_in_order() {
    let blocks = chain(80, 4);
    in_every_state(&blocks, |index| {
        for n in 0..9 {
            let address = who(n);
            let mut want = Vec::new();
            for (number, sent) in (1..).zip(&blocks) {
                for (index, one) in sent.iter().enumerate() {
                    if one.from == address || one.to == Some(address) {
                        want.push(Position { number, index });
                    }
                }
            }
            want.reverse();
            for size in [1, 2, 7, limits::HISTORY_PAGE_MAX] {
                assert_eq!(walk(index, &address, size), want, "{n} {size}");
                assert_eq!(walk_up(index, &address, size), want, "{n} {size}");
            }
        }
        let error = index
            .before(&who(0), 0, limits::HISTORY_PAGE_MAX + 1)
            .unwrap_err();
        assert!(matches!(
            error,
            IndexError::Limit {
                limit: "HISTORY_PAGE_MAX",
                ..
            }
        ));
    });
}

#[test]
fn senders_nonces_and_creators_are_found() {
    let blocks = chain(80, 5);
    in_every_state(&blocks, |index| {
        let mut created = 0;
        for (number, sent) in (1..).zip(&blocks) {
            for (at, one) in sent.iter().enumerate() {
                let position = Position { number, index: at };
                assert_eq!(index.sent(&one.from, one.nonce).unwrap(), Some(position));
                if one.to.is_none() {
                    created += 1;
                    let contract = one.from.create(one.nonce);
                    let (entry, index) = index.creator(&contract).unwrap().unwrap();
                    assert_eq!((entry.number(), index), (number, at));
                }
            }
        }
        assert!(created > 3);
        assert!(index.sent(&who(0), 1_000).unwrap().is_none());
        assert!(index.sent(&who(99), 0).unwrap().is_none());
        assert!(index.creator(&who(1)).unwrap().is_none());
    });
}

#[test]
fn queries_over_a_limit_name_it() {
    let index = Index::in_memory(&genesis(1)).unwrap();
    let limit = |query: &LogQuery| match index.logs(query).unwrap_err() {
        IndexError::Limit { limit, .. } => limit,
        other => panic!("{other}"),
    };
    let wide = LogQuery {
        to: limits::LOG_RANGE_BLOCKS_MAX,
        ..LogQuery::default()
    };
    assert_eq!(limit(&wide), "LOG_RANGE_BLOCKS_MAX");
    let many = vec![Address::ZERO; limits::LOG_VALUES_MAX + 1];
    let many = LogQuery {
        addresses: many,
        ..LogQuery::default()
    };
    assert_eq!(limit(&many), "LOG_VALUES_MAX");
    let backwards = LogQuery {
        from: 2,
        to: 1,
        ..LogQuery::default()
    };
    assert!(matches!(
        index.logs(&backwards),
        Err(IndexError::Range { from: 2, to: 1 })
    ));
    let log = alloy_primitives::Log::new_unchecked(who(1), vec![], vec![].into());
    let logs = vec![log; limits::LOGS_MAX + 1];
    index
        .apply(&finalised(
            1,
            &[Sent {
                from: who(0),
                nonce: 0,
                to: None,
                logs,
            }],
        ))
        .unwrap();
    let all = LogQuery {
        from: 0,
        to: 1,
        ..LogQuery::default()
    };
    assert_eq!(limit(&all), "LOGS_MAX");
    index.flush().unwrap();
    assert_eq!(limit(&all), "LOGS_MAX");
}

/// The number that the benchmark watches; here it is only kept from growing unseen.
#[test]
fn a_transfer_takes_few_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index");
    let index = Index::open(&path, &genesis(1)).unwrap();
    let mut nonces = vec![0u64; 1_000];
    let mut numbers = Numbers(6);
    let (blocks, size) = (40, 500);
    for number in 1..=blocks {
        let sent: Vec<Sent> = (0..size)
            .map(|_| {
                let from = numbers.below(1_000);
                let nonce = nonces[usize::try_from(from).unwrap()];
                nonces[usize::try_from(from).unwrap()] += 1;
                let to = Some(who(numbers.below(1_000)));
                Sent {
                    from: who(from),
                    nonce,
                    to,
                    logs: vec![],
                }
            })
            .collect();
        index.apply(&finalised(number, &sent)).unwrap();
    }
    index.flush().unwrap();
    let stored = index.stored_bytes().unwrap();
    let each = stored / (blocks * size);
    assert!(each < 250, "{each} bytes for a transfer");
}
