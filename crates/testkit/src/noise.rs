//! Bytes for files.

/// So many bytes that are nowhere the same, the same in every run.
#[must_use]
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 11_u32;
    let step = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(step).take(length).collect()
}
