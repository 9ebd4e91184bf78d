//! Random numbers of the platform.

use std::cell::Cell;

/// 64 random bits; `None` if the platform has none.
pub(crate) fn bits() -> Option<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).ok()?;
    Some(u64::from_be_bytes(bytes))
}

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// True once in `n` times, by a random number of ours: a client that could know it would choose what
/// is logged.
pub(crate) fn one_in(n: u64) -> bool {
    let mut state = STATE.get();
    while state == 0 {
        let Some(seed) = bits() else { return false };
        state = seed;
    }
    // xorshift64 (Marsaglia 2003): no secret depends on it.
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    STATE.set(state);
    state.is_multiple_of(n)
}
