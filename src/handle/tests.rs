use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use super::*;

mod shared;

fn table() -> Table {
    Table::new(Box::leak(Box::new(Attention::new(0))))
}

fn object(address: usize) -> NonNull<PyObject> {
    NonNull::new(ptr::without_provenance_mut(address)).unwrap()
}

#[test]
fn a_handle_finds_its_object_until_it_is_removed() {
    let (table, cache) = (table(), Cache::new());
    let handles: Vec<_> = (1..5000)
        .map(|i| table.insert(&cache, object(i * 16)).unwrap())
        .collect();
    for (i, handle) in handles.iter().enumerate() {
        assert!(*handle < 1 << 53);
        assert_eq!(table.get(*handle), Some(object((i + 1) * 16)));
    }
    assert_eq!(table.remove(&cache, handles[7]), Some(Some(object(8 * 16))));
    assert_eq!(table.get(handles[7]), None);
    assert_eq!(table.remove(&cache, handles[7]), None);
}

#[test]
fn a_reused_slot_does_not_answer_to_its_old_handle() {
    let (table, cache) = (table(), Cache::new());
    let old = table.insert(&cache, object(16)).unwrap();
    table.remove(&cache, old);
    let new = table.insert(&cache, object(32)).unwrap();
    assert_eq!(index_of(old), index_of(new), "the slot is used again");
    assert_eq!(table.get(old), None);
    assert_eq!(table.get(new), Some(object(32)));
}

#[test]
fn a_slot_is_retired_when_its_generations_are_used_up() {
    let (table, cache) = (table(), Cache::new());
    let handle = table.insert(&cache, object(16)).unwrap();
    let index = index_of(handle);
    let slot = table.slots.of(handle);
    let life = |life: u64| life << INDEX_BITS | u64::from(index);
    let before = life(LAST_LIFE - 1);
    slot.handle.store(before, Relaxed);
    assert!(table.remove(&cache, before).is_some());
    let again = table.insert(&cache, object(16)).unwrap();
    assert_eq!(again, life(LAST_LIFE));
    assert!(table.remove(&cache, again).is_some());
    let other = table.insert(&cache, object(16)).unwrap();
    assert_ne!(index_of(other), index);
}

/// More than are made writable at a time, with and without a GIL.
#[test]
fn a_hundred_and_fifty_thousand_objects_are_found() {
    for shared in [false, true] {
        let (table, cache) = (table(), Cache::new());
        if shared {
            table.share();
        }
        let insert = |i: usize| table.insert(&cache, object(i * 16)).unwrap();
        let handles: Vec<_> = (1..=150_000).map(insert).collect();
        for (i, handle) in handles.iter().enumerate() {
            let found = table.look(*handle, |found| found);
            assert_eq!(found, Some(object((i + 1) * 16)));
        }
        for (i, handle) in handles.iter().enumerate() {
            assert_eq!(table.doom(*handle, |_| false), Some(i == 0));
        }
        let mut sum = 0;
        table.take_doomed(&cache, |object| sum += object.as_ptr().addr() / 16);
        assert_eq!(sum, 150_000 * 150_001 / 2);
    }
}

/// Says so to the other threads, also where the test fails.
struct Finish<'a>(&'a AtomicBool);
impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Fails where `body` does not come to an end.
fn in_time(body: fn()) {
    let (done, ended) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        body();
        let _ = done.send(());
    });
    let waited = ended.recv_timeout(std::time::Duration::from_secs(60));
    assert_ne!(waited, Err(std::sync::mpsc::RecvTimeoutError::Timeout));
    thread.join().unwrap();
}

/// Slots that were never used, slots from the pool, and both, with and without a GIL.
#[test]
fn no_slot_is_given_out_twice() {
    in_time(|| {
        for shared in [false, true] {
            let (table, caches) = (table(), [Cache::new(), Cache::new(), Cache::new()]);
            if shared {
                table.share();
            }
            let mut live = std::collections::HashSet::new();
            for round in 1..=12 {
                for (i, cache) in caches.iter().enumerate() {
                    let count = 100 * round + 37 * i;
                    let handles: Vec<_> = (0..count)
                        .map(|_| table.insert(cache, object(16)).unwrap())
                        .collect();
                    for handle in &handles {
                        assert!(live.insert(index_of(*handle)), "round {round}: given twice");
                    }
                    for handle in handles.into_iter().skip(round % 3) {
                        assert!(table.remove(cache, handle).is_some());
                        live.remove(&index_of(handle));
                    }
                }
                table.give_back(&caches[round % 3]);
            }
            let most = 3 * 12 * 3;
            assert!(live.len() <= most, "{} of at most {most} live", live.len());
        }
    });
}

#[test]
fn slots_that_one_thread_released_serve_another() {
    in_time(released_slots_serve_another);
}

fn released_slots_serve_another() {
    let (table, cache, other) = (table(), Cache::new(), Cache::new());
    let most = |cache: &Cache| {
        let insert = |i: usize| table.insert(cache, object(i * 16)).unwrap();
        let handles: Vec<_> = (1..=1000).map(insert).collect();
        let indices = handles.iter().map(|handle| index_of(*handle));
        (indices.max().unwrap(), handles)
    };
    let (before, handles) = most(&cache);
    for handle in handles {
        assert!(table.remove(&cache, handle).is_some());
    }
    table.give_back(&cache);
    let (after, handles) = most(&other);
    assert_eq!(before, after);
    let distinct: std::collections::HashSet<_> = handles.iter().collect();
    assert_eq!(distinct.len(), 1000);
}

#[test]
fn a_released_handle_with_the_next_generation_is_invented_too() {
    let (table, cache) = (table(), Cache::new());
    let handle = table.insert(&cache, object(16)).unwrap();
    table.remove(&cache, handle);
    let invented = handle + (1 << INDEX_BITS);
    assert_eq!(table.get(invented), None);
    assert_eq!(table.doom(invented, |_| false), None);
    assert_eq!(table.remove(&cache, invented), None);
}

/// Before the first object is put in, afterwards, and without a GIL.
#[test]
fn invented_handles_are_refused() {
    for (objects, shared) in [(0, false), (1, false), (0, true), (1, true)] {
        let (table, cache) = (table(), Cache::new());
        if shared {
            table.share();
        }
        for i in 1..=objects {
            table.insert(&cache, object(i * 16)).unwrap();
        }
        refuses_what_it_did_not_give(&table);
    }
}

fn refuses_what_it_did_not_give(table: &Table) {
    for handle in [
        0,
        1,
        1 << 28,
        1 << 28 | 5,
        (1 << 29) - 1,
        1 << 29 | 1,
        u64::MAX,
        1 << 53,
        1 << 63 | 1 << 28,
        u64::from(u32::MAX) << 28 | 9,
    ] {
        assert_eq!(table.get(handle), None);
        assert!(!table.is_live(handle));
        assert!(!table.set_aside(handle));
        assert_eq!(table.doom(handle, |_| false), None);
        assert_eq!(table.remove(&Cache::new(), handle), None);
    }
}

#[test]
fn doomed_objects_come_back_exactly_once_from_any_thread() {
    let (table, cache) = (table(), Cache::new());
    let handles: Vec<_> = (1..=4000)
        .map(|i| table.insert(&cache, object(i * 16)).unwrap())
        .collect();
    std::thread::scope(|scope| {
        for part in handles.chunks(1000) {
            let table = &table;
            scope.spawn(move || {
                part.iter()
                    .for_each(|handle| assert!(table.doom(*handle, |_| false).is_some()))
            });
        }
    });
    assert!(
        handles
            .iter()
            .all(|handle| !table.is_live(*handle) && table.doom(*handle, |_| false).is_none())
    );
    let mut seen = Vec::new();
    table.take_doomed(&cache, |object| seen.push(object.as_ptr().addr()));
    seen.sort_unstable();
    assert_eq!(seen, (1..=4000).map(|i| i * 16).collect::<Vec<_>>());
    assert_eq!(table.attention.first_doomed(), END);
}

/// More than there is room for aside, again and again.
#[test]
fn what_the_main_thread_releases_is_dropped_once() {
    let (table, cache) = (table(), Cache::new());
    for round in 1..=50 {
        let handles: Vec<_> = (1..=round)
            .map(|i| table.insert(&cache, object(i * 16)).unwrap())
            .collect();
        let (mut aside, mut chained) = (0, 0);
        for handle in &handles {
            assert!(table.is_live(*handle));
            match table.set_aside(*handle) {
                true => aside += 1,
                false => {
                    assert!(table.doom(*handle, |_| false).is_some());
                    chained += 1;
                }
            }
            assert!(!table.is_live(*handle));
            assert!(!table.set_aside(*handle), "released twice");
            assert_eq!(table.doom(*handle, |_| false), None);
        }
        assert_eq!((aside, chained), (round.min(8), round.max(8) - 8));
        assert!(!table.attention.aside.is_empty());
        let mut seen = Vec::new();
        table.take_doomed(&cache, |object| seen.push(object.as_ptr().addr()));
        seen.sort_unstable();
        assert_eq!(seen, (1..=round).map(|i| i * 16).collect::<Vec<_>>());
        assert!(table.attention.aside.is_empty());
        assert!(handles.iter().all(|handle| table.get(*handle).is_none()));
    }
}

/// The main thread releases without the GIL, which a mutex stands for here, what others use and drop.
#[test]
fn what_the_main_thread_sets_aside_is_taken_on_any_thread() {
    const ROUNDS: usize = 10_000;
    let (table, gil) = (table(), std::sync::Mutex::new(()));
    let dropped: Vec<_> = (0..=ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    let drop_one = |object: NonNull<PyObject>| {
        dropped[object.as_ptr().addr() / 16].fetch_add(1, Relaxed);
    };
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let cache = Cache::new();
                while !finished.load(Relaxed) {
                    let held = gil.lock().unwrap();
                    table.take_doomed(&cache, drop_one);
                    drop(held);
                    // A mutex is not fair: the main thread would wait for long.
                    std::thread::sleep(std::time::Duration::from_micros(20));
                }
            });
        }
        let _finish = Finish(&finished);
        let cache = Cache::new();
        for i in 1..=ROUNDS {
            let handle = {
                let _held = gil.lock().unwrap();
                table.insert(&cache, object(i * 16)).unwrap()
            };
            assert!(table.set_aside(handle) || table.doom(handle, |_| false).is_some());
            assert!(!table.set_aside(handle) && table.doom(handle, |_| false).is_none());
        }
    });
    table.take_doomed(&Cache::new(), drop_one);
    assert!(dropped[1..].iter().all(|count| count.load(Relaxed) == 1));
}

/// As if one thread with the GIL and one without had released a handle at the same moment.
#[test]
fn a_doomed_handle_that_was_removed_takes_no_other_with_it() {
    let (table, cache) = (table(), Cache::new());
    let dropped = || {
        let mut dropped = Vec::new();
        table.take_doomed(&cache, |object| dropped.push(object.as_ptr().addr()));
        dropped
    };
    let first = table.insert(&cache, object(16)).unwrap();
    assert_eq!(table.doom(first, |_| false), Some(true));
    assert_eq!(table.remove(&cache, first), Some(Some(object(16))));
    let second = table.insert(&cache, object(32)).unwrap();
    assert_eq!(index_of(first), index_of(second));
    assert!(dropped().is_empty());
    assert_eq!(table.get(second), Some(object(32)));

    // The request that waits serves the next handle of the slot too.
    assert_eq!(table.doom(second, |_| false), Some(true));
    assert_eq!(table.remove(&cache, second), Some(Some(object(32))));
    let third = table.insert(&cache, object(48)).unwrap();
    assert_eq!(table.doom(second, |_| false), None);
    assert_eq!(table.doom(third, |_| false), Some(false));
    assert_eq!(table.doom(third, |_| false), None);
    assert!(!table.is_live(third));
    assert_eq!(dropped(), [48]);
    assert_eq!(table.get(third), None);
}
