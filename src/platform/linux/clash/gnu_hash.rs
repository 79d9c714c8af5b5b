//! The hash table by which the loader finds symbols, DT_GNU_HASH.

/// A symbol's name, with the hash that finds it.
pub struct Name<'a> {
    pub bytes: &'a [u8],
    pub hash: u32,
}

impl<'a> Name<'a> {
    pub fn new(bytes: &'a [u8]) -> Name<'a> {
        Name {
            bytes,
            hash: object::elf::gnu_hash(bytes),
        }
    }
}

/// The table is four words; a Bloom filter in words of 64 bits; the buckets, each with the
/// index of its first symbol; and for each symbol from `first` on the hash, of which the
/// lowest bit is not part but ends the bucket's chain.
pub struct GnuHash {
    buckets: usize,
    first: usize,
    filters: usize,
    shift: u32,
    filter: *const u64,
    bucket: *const u32,
    chain: *const u32,
}

impl GnuHash {
    /// # Safety
    ///
    /// `table` must be a DT_GNU_HASH table that stays mapped while the result is used.
    pub unsafe fn new(table: *const u32) -> GnuHash {
        // SAFETY: the layout above.
        unsafe {
            let filters = *table.add(2) as usize;
            let buckets = *table as usize;
            let bucket = table.add(4 + 2 * filters);
            GnuHash {
                buckets,
                first: *table.add(1) as usize,
                filters,
                shift: *table.add(3),
                filter: table.add(4).cast(),
                bucket,
                chain: bucket.add(buckets),
            }
        }
    }

    /// The first symbol in the table, below which none is defined.
    pub fn first(&self) -> usize {
        self.first
    }

    /// That symbol, and the number of all symbols, which the table does not state: the end of
    /// the last chain tells it.
    pub fn range(&self) -> (usize, usize) {
        let last = (0..self.buckets)
            .map(|index| self.head(index))
            .max()
            .unwrap_or(0);
        if last < self.first {
            return (self.first, self.first);
        }
        let mut end = last;
        while self.hash(end) & 1 == 0 {
            end += 1;
        }
        (self.first, end + 1)
    }

    /// The symbols that may have this hash.
    pub fn indices(&self, hash: u32) -> impl Iterator<Item = usize> {
        let possible = self.buckets > 0 && self.filters > 0 && self.passes(hash);
        let head = if possible {
            self.head(hash as usize % self.buckets)
        } else {
            0
        };
        let mut next = (head >= self.first && head > 0).then_some(head);
        std::iter::from_fn(move || {
            let index = next?;
            next = (self.hash(index) & 1 == 0).then_some(index + 1);
            Some(index)
        })
        .filter(move |index| self.hash(*index) | 1 == hash | 1)
    }

    fn passes(&self, hash: u32) -> bool {
        // SAFETY: the remainder is below the number of words in the filter.
        let word = unsafe { *self.filter.add(hash as usize / 64 % self.filters) };
        let bit = |hash: u32| word >> (hash % 64) & 1 == 1;
        bit(hash) && bit(hash.checked_shr(self.shift).unwrap_or(0))
    }

    fn head(&self, bucket: usize) -> usize {
        // SAFETY: callers stay below the number of buckets.
        unsafe { *self.bucket.add(bucket) as usize }
    }

    fn hash(&self, symbol: usize) -> u32 {
        // SAFETY: callers begin with a bucket's symbol and stop at the end of its chain.
        unsafe { *self.chain.add(symbol - self.first) }
    }
}
