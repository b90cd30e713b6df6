//! Readings in and out of the journal.

use commonhold_reading::{Algorithm, DeviceSecret, Envelope, Reading, Record, Value};

use super::*;

const HOUR: u64 = 3_600_000;

fn secret() -> DeviceSecret {
    DeviceSecret::from_bytes(Algorithm::Ed25519, &[7; 32]).unwrap()
}

fn entry(counter: u64, time: u64, value: i64) -> Entry {
    let reading = Reading {
        counter,
        time,
        pack: vec![Record {
            name: "power".to_owned(),
            unit: Some("W".to_owned()),
            value: Value::integer(value),
            offset: 0,
        }],
        nonce: None,
        origin: None,
    };
    let envelope = Envelope::sign(&secret(), reading).unwrap();
    Entry {
        stream: B256::repeat_byte(1),
        day: commonhold_reading::day_of(time),
        subject: envelope.subject(),
        counter,
        time,
        received: time,
        flags: Flags::NONE,
        records: 1,
        envelope: envelope.bytes().to_vec(),
        repeat_of: None,
        original: None,
    }
}

fn terms(bytes_max: u64, late_max_hours: u64) -> Terms {
    Terms {
        bytes_max,
        late_max_ms: late_max_hours * HOUR,
        clock: Arc::new(crate::clock::SystemClock::default()),
    }
}

fn start(path: &Path, bytes_max: u64) -> (Journal, JoinHandle<()>) {
    Journal::start(path, terms(bytes_max, 24)).unwrap()
}

/// Closes the journal and waits until its file is free.
fn end((journal, thread): (Journal, JoinHandle<()>)) {
    drop(journal);
    thread.join().unwrap();
}

#[tokio::test]
async fn a_reading_is_taken_once_also_after_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let now = commonhold_sdk::clock::now_ms();
    let first = start(&path, u64::MAX);
    assert_eq!(
        first.0.take(entry(5, now, 1)).await,
        Ok(Taken::New(Flags::NONE))
    );
    assert_eq!(first.0.take(entry(5, now, 1)).await, Ok(Taken::Duplicate));
    assert_eq!(
        first.0.take(entry(5, now, 2)).await,
        Err(Refusal::Conflict(5))
    );
    assert_eq!(
        first.0.take(entry(3, now - 9, 1)).await,
        Ok(Taken::New(Flags::OUT_OF_ORDER))
    );
    end(first);
    let again = start(&path, u64::MAX);
    assert_eq!(again.0.take(entry(5, now, 1)).await, Ok(Taken::Duplicate));
    assert_eq!(
        again.0.take(entry(4, now, 7)).await,
        Ok(Taken::New(Flags::OUT_OF_ORDER))
    );
    let totals = again.0.totals();
    assert_eq!(
        (totals.messages, totals.valid, totals.duplicates),
        (6, 3, 2)
    );
    assert_eq!((totals.records, totals.out_of_order), (3, 2));
    assert_eq!(totals.refused["conflict"], 1);
    assert_eq!(again.0.waiting().0, 3);
    end(again);
}

#[tokio::test]
async fn a_full_store_refuses_what_is_new_and_knows_what_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let now = commonhold_sdk::clock::now_ms();
    let journal = start(&dir.path().join("journal"), 1);
    assert!(journal.0.take(entry(1, now, 1)).await.is_ok());
    assert!(journal.0.is_full());
    assert_eq!(
        journal.0.take(entry(2, now, 1)).await,
        Err(Refusal::StoreFull)
    );
    assert_eq!(journal.0.take(entry(1, now, 1)).await, Ok(Taken::Duplicate));
    end(journal);
}

#[tokio::test]
async fn what_is_forgotten_cannot_be_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let now = commonhold_sdk::clock::now_ms();
    // Taken while late readings were still taken for longer.
    let (journal, thread) = Journal::start(&path, terms(u64::MAX, 100)).unwrap();
    assert!(journal.take(entry(8, now - 50 * HOUR, 1)).await.is_ok());
    assert!(journal.take(entry(9, now, 1)).await.is_ok());
    end((journal, thread));
    // A new writer looks for old counters after its first group.
    let journal = start(&path, u64::MAX);
    assert_eq!(journal.0.take(entry(9, now, 1)).await, Ok(Taken::Duplicate));
    end(journal);
    let journal = start(&path, u64::MAX);
    assert_eq!(
        journal.0.take(entry(8, now - 50 * HOUR, 1)).await,
        Err(Refusal::OldCounter(8))
    );
    assert_eq!(
        journal.0.take(entry(7, now, 1)).await,
        Err(Refusal::OldCounter(7))
    );
    assert_eq!(journal.0.take(entry(9, now, 1)).await, Ok(Taken::Duplicate));
    end(journal);
}

#[tokio::test]
async fn a_message_without_a_time_is_a_duplicate_where_its_sender_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let now = commonhold_sdk::clock::now_ms();
    let journal = start(&dir.path().join("journal"), u64::MAX);
    let original = Some(B256::repeat_byte(9));
    let sent = |counter, repeat_of| Entry {
        original,
        repeat_of,
        ..entry(counter, now, 1)
    };
    assert!(journal.0.take(sent(1, None)).await.is_ok());
    assert_eq!(
        journal.0.take(sent(2, original)).await,
        Ok(Taken::Duplicate)
    );
    // The same again, and meant so.
    assert_eq!(
        journal.0.take(sent(3, None)).await,
        Ok(Taken::New(Flags::NONE))
    );
    end(journal);
}

#[tokio::test]
async fn a_batch_takes_a_range_and_what_is_anchored_goes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let now = commonhold_sdk::clock::now_ms();
    let journal = start(&path, u64::MAX);
    for counter in 1..=5 {
        journal.0.take(entry(counter, now, 1)).await.unwrap();
    }
    let [(place, open)] = journal.0.open_days().try_into().unwrap();
    assert_eq!(open.count, 5);
    let gathered = journal.0.gather(place, open.from, 3).unwrap().unwrap();
    assert_eq!(gathered.entries.len(), 3);
    let mut row = BatchRow {
        stream: place.0,
        day: place.1,
        first: gathered.first,
        last: gathered.last,
        count: 3,
        from: now,
        to: now,
        root: B256::ZERO,
        hash: B256::ZERO,
        length: 1,
        sealed_hash: B256::ZERO,
        salt: B256::ZERO,
        stage: Stage::Sealed,
        record: B256::ZERO,
        transaction: None,
        anchored_at: 0,
        why: None,
    };
    let number = journal.0.close(&row, gathered.bytes, now).unwrap();
    assert_eq!(journal.0.open_days()[0].1.count, 2);
    end(journal);
    let journal = start(&path, u64::MAX);
    assert_eq!(journal.0.open_days()[0].1.count, 2);
    assert_eq!(journal.0.waiting().0, 5);
    row.stage = Stage::Anchored;
    journal.0.advance(&[(number, row.clone())]).unwrap();
    assert_eq!(journal.0.waiting().0, 2);
    assert_eq!(journal.0.batches().unwrap(), [(number, row)]);
    // What was anchored is still known.
    assert_eq!(journal.0.take(entry(1, now, 1)).await, Ok(Taken::Duplicate));
    end(journal);
}

#[tokio::test]
async fn sessions_are_remembered_until_they_end() {
    let dir = tempfile::tempdir().unwrap();
    let journal = start(&dir.path().join("journal"), u64::MAX);
    assert!(!journal.0.session("a", u64::MAX).await);
    assert!(journal.0.session("a", u64::MAX).await);
    assert!(journal.0.session("a", 0).await);
    assert!(!journal.0.session("a", 1).await);
    // Its time is over.
    assert!(!journal.0.session("a", 0).await);
    end(journal);
}
