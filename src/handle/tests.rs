use super::*;

fn table() -> Table {
    Table {
        chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
        doomed: AtomicU32::new(END),
        pool: Mutex::new(Pool {
            free: END,
            unused: 1,
        }),
    }
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
    assert_eq!(table.remove(&cache, handles[7]), Some(object(8 * 16)));
    assert_eq!(table.get(handles[7]), None);
    assert_eq!(table.remove(&cache, handles[7]), None);
}

#[test]
fn a_reused_slot_does_not_answer_to_its_old_handle() {
    let (table, cache) = (table(), Cache::new());
    let old = table.insert(&cache, object(16)).unwrap();
    table.remove(&cache, old);
    let new = table.insert(&cache, object(32)).unwrap();
    assert_eq!(
        split(old).unwrap().0,
        split(new).unwrap().0,
        "the slot is used again"
    );
    assert_eq!(table.get(old), None);
    assert_eq!(table.get(new), Some(object(32)));
}

#[test]
fn a_slot_is_retired_when_its_generations_are_used_up() {
    let (table, cache) = (table(), Cache::new());
    let handle = table.insert(&cache, object(16)).unwrap();
    let (index, _) = split(handle).unwrap();
    let slot = table.slot(index).unwrap();
    slot.generation.store(LAST_GENERATION - 2, Relaxed);
    let last = u64::from(LAST_GENERATION - 2) << INDEX_BITS | u64::from(index);
    assert!(table.remove(&cache, last).is_some());
    let again = table.insert(&cache, object(16)).unwrap();
    assert_eq!(split(again).unwrap(), (index, LAST_GENERATION));
    assert!(table.remove(&cache, again).is_some());
    let other = table.insert(&cache, object(16)).unwrap();
    assert_ne!(split(other).unwrap().0, index);
}

#[test]
fn slots_that_one_thread_released_serve_another() {
    let (table, cache, other) = (table(), Cache::new(), Cache::new());
    let most = |cache: &Cache| {
        let insert = |i: usize| table.insert(cache, object(i * 16)).unwrap();
        let handles: Vec<_> = (1..=1000).map(insert).collect();
        let indices = handles.iter().map(|handle| split(*handle).unwrap().0);
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
    assert_eq!(table.doom(invented), None);
    assert_eq!(table.remove(&cache, invented), None);
}

#[test]
fn invented_handles_are_refused() {
    let table = table();
    for handle in [
        0,
        1,
        1 << 28,
        1 << 28 | 5,
        u64::MAX,
        1 << 53,
        u64::from(u32::MAX) << 28 | 9,
    ] {
        assert_eq!(table.get(handle), None);
        assert_eq!(table.doom(handle), None);
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
                    .for_each(|handle| assert!(table.doom(*handle).is_some()))
            });
        }
    });
    assert!(
        handles
            .iter()
            .all(|handle| table.get(*handle).is_none() && table.doom(*handle).is_none())
    );
    let mut seen = Vec::new();
    table.take_doomed(&cache, |object| seen.push(object.as_ptr().addr()));
    seen.sort_unstable();
    assert_eq!(seen, (1..=4000).map(|i| i * 16).collect::<Vec<_>>());
    assert!(!table.has_doomed());
}
