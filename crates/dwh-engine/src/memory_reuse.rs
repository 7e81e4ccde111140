//! Keeps the memory of one batch for the next.
//!
//! A column of a batch takes 64 to 512 KiB. The GNU allocator gives blocks of that size back to the system as soon
//! as they are free, and the kernel clears new pages for the next: TPC-H 1 took twice as long. The limits from which it does so follow the largest block that was mapped and freed, up to 32 MiB
//! (mallopt(3), `M_MMAP_THRESHOLD`).

/// Below the 32 MiB, and above what batches need.
const FREED_BLOCK_BYTES: usize = 8 << 20;

/// Frees one block, of which no page was touched. Does nothing with other allocators.
pub(crate) fn keep_freed_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(FREED_BLOCK_BYTES)));
}
