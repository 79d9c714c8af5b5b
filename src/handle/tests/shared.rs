//! The table where there is no GIL.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::{Duration, Instant};

use super::*;

/// Without a GIL: a thread that looks at an object may take a reference, whatever others do to the
/// handle. The objects are counts of references, of which the table has one at first.
#[test]
fn an_object_that_is_looked_at_lives() {
    const ROUNDS: usize = 8_000;
    const LOOKS: usize = 100; // that have to find something, however busy the machine is
    const PATIENCE: Duration = Duration::from_secs(60);
    const DEAD: usize = usize::MAX / 2;
    let table = table();
    table.share();
    let counts: Vec<_> = (0..64).map(|_| AtomicUsize::new(DEAD)).collect();
    let object = |i: usize| NonNull::from(&counts[i]).cast::<PyObject>();
    // SAFETY: every object here is one of the counts, which outlive the threads.
    let count = |object: NonNull<PyObject>| unsafe { object.cast::<AtomicUsize>().as_ref() };
    let drop_one = |object| {
        if count(object).fetch_sub(1, AcqRel) == 1 {
            count(object).store(DEAD, Release);
        }
    };
    let (newest, finished) = (AtomicU64::new(0), AtomicBool::new(false));
    let (looks, begun) = (AtomicUsize::new(0), Instant::now());
    let is_enough =
        |round| round >= ROUNDS && (looks.load(Relaxed) > LOOKS || begun.elapsed() > PATIENCE);
    std::thread::scope(|scope| {
        let finish = Finish(&finished);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    while !finished.load(Relaxed) {
                        let found = table.look(newest.load(Relaxed), |object| {
                            let before = count(object).fetch_add(1, AcqRel);
                            assert!(before < DEAD, "a reference to an object that has gone");
                            object
                        });
                        if let Some(object) = found {
                            looks.fetch_add(1, Relaxed);
                            drop_one(object);
                        }
                    }
                })
            })
            .collect();
        let cache = Cache::new();
        for round in (0..).take_while(|round| !is_enough(*round)) {
            let Some(i) = counts.iter().position(|count| count.load(Acquire) == DEAD) else {
                table.take_doomed(&cache, drop_one);
                continue;
            };
            counts[i].store(1, Release);
            let handle = table.insert(&cache, object(i)).unwrap();
            assert!(handle < 1 << 53);
            assert_eq!(table.get(handle), None, "only a look finds it");
            newest.store(handle, Relaxed);
            if round % 16 == 0 {
                std::thread::yield_now();
            }
            if round % 2 == 0 {
                let keep = |index| round % 3 == 0 && cache.keep(index, &table);
                assert!(table.doom(handle, keep).is_some());
            } else {
                let removed = table.remove(&cache, handle);
                removed.unwrap().into_iter().for_each(drop_one);
            }
            assert!(!table.is_live(handle));
            assert_eq!(table.remove(&cache, handle), None);
            if round % 4 == 0 {
                table.take_doomed(&cache, drop_one);
            }
        }
        drop(finish);
        for thread in threads {
            thread.join().unwrap();
        }
        // Nobody looks any more, so nothing has to wait.
        table.take_doomed(&cache, drop_one);
        assert_eq!(table.attention.first_doomed(), END);
    });
    let looks = looks.into_inner();
    assert!(looks > LOOKS, "{looks} looks have proved nothing");
    assert!(counts.iter().all(|count| count.load(Relaxed) == DEAD));
}

/// Without a GIL, however threads come and go.
#[test]
fn threads_get_slots_that_share_no_cache_line() {
    let table = table();
    table.share();
    let lines = |cache: &Cache| {
        let handles: Vec<_> = (0..20)
            .map(|_| table.insert(cache, object(16)).unwrap())
            .collect();
        let line = |handle: &emb_handle| std::ptr::from_ref(table.slots.of(*handle)).addr() / 64;
        let lines: Vec<_> = handles.iter().map(line).collect();
        for handle in handles.into_iter().rev() {
            table.remove(cache, handle);
        }
        lines
    };
    for count in [1, 2, 3, 1, 2, 3] {
        let caches: Vec<_> = (0..count).map(|_| Cache::new()).collect();
        let mut all: Vec<_> = caches.iter().map(lines).collect();
        while let Some(mine) = all.pop() {
            assert!(all.iter().flatten().all(|line| !mine.contains(line)));
        }
        caches.iter().for_each(|cache| table.give_back(cache));
    }
}

/// Without a GIL: at the next operation of the thread, at its end, or at once where it has many.
#[test]
fn a_thread_drops_what_it_has_released() {
    let table = table();
    table.share();
    let (mine, other) = (Cache::new(), Cache::new());
    let release = |count: usize| {
        for i in 1..=count {
            let handle = table.insert(&mine, object(i * 16)).unwrap();
            let keep = |index| mine.keep(index, &table);
            assert!(table.doom(handle, keep).is_some());
        }
    };
    let dropped = |cache| {
        let mut count = 0;
        table.take_doomed(cache, |_| count += 1);
        count
    };
    release(3);
    assert_eq!((dropped(&other), dropped(&mine)), (0, 3));
    release(100);
    assert_eq!((dropped(&other), dropped(&mine)), (84, 16));
    release(3);
    table.give_back(&mine);
    assert_eq!((dropped(&other), dropped(&mine)), (3, 0));
}
