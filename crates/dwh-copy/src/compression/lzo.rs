//! LZO1X, the compression within LZOP files, as the Linux kernel's `Documentation/staging/lzo.rst` writes its
//! instructions down. Every length and distance is checked: the input may be anything.

/// Why a block cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum LzoError {
    #[error("a block breaks off")]
    Truncated,
    #[error("a block is longer than it says")]
    Overrun,
    #[error("a block refers to bytes before its beginning")]
    Distance,
    #[error("a block goes on behind its end")]
    Trailing,
}

/// What the last instruction left behind, which decides what the next one means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No literals were copied.
    Match,
    /// One to three literals were.
    FewLiterals,
    /// Four or more were.
    Run,
}

/// Distance of the instruction that ends a block.
const END_DISTANCE: usize = 16384;
/// Codes of the first byte above this are a run of literals.
const FIRST_RUN: u8 = 17;

/// Unpacks a block that is at most `max_bytes` long into `unpacked`, which is empty.
pub(super) fn decompress(block: &[u8], unpacked: &mut Vec<u8>, max_bytes: usize) -> Result<(), LzoError> {
    let mut input = Input { bytes: block };
    let mut state = State::Match;
    if let Some(first) = block.first().copied().filter(|first| *first > FIRST_RUN) {
        input.byte()?;
        let count = usize::from(first - FIRST_RUN);
        input.literals(count, unpacked, max_bytes)?;
        state = if count < 4 { State::FewLiterals } else { State::Run };
    }
    loop {
        let instruction = input.byte()?;
        let code = usize::from(instruction);
        let (distance, length, literals) = match instruction {
            0..=15 if state == State::Match => {
                let count = input.length(code, 15)? + 3;
                input.literals(count, unpacked, max_bytes)?;
                state = State::Run;
                continue;
            }
            0..=15 => {
                let distance = (usize::from(input.byte()?) << 2) + (code >> 2);
                match state {
                    State::Run => (distance + 2049, 3, code & 3),
                    _ => (distance + 1, 2, code & 3),
                }
            }
            16..=31 => {
                let length = input.length(code & 7, 7)? + 2;
                let operand = input.operand()?;
                let distance = END_DISTANCE + ((code & 8) << 11) + (operand >> 2);
                if distance == END_DISTANCE {
                    return if input.bytes.is_empty() { Ok(()) } else { Err(LzoError::Trailing) };
                }
                (distance, length, operand & 3)
            }
            32..=63 => {
                let length = input.length(code & 31, 31)? + 2;
                let operand = input.operand()?;
                ((operand >> 2) + 1, length, operand & 3)
            }
            64..=255 => {
                let distance = (usize::from(input.byte()?) << 3) + ((code >> 2) & 7) + 1;
                (distance, (code >> 5) + 1, code & 3)
            }
        };
        copy_match(unpacked, distance, length, max_bytes)?;
        input.literals(literals, unpacked, max_bytes)?;
        state = if literals == 0 { State::Match } else { State::FewLiterals };
    }
}

fn copy_match(
    unpacked: &mut Vec<u8>,
    distance: usize,
    length: usize,
    max_bytes: usize,
) -> Result<(), LzoError> {
    let start = unpacked.len().checked_sub(distance).ok_or(LzoError::Distance)?;
    if length > max_bytes.saturating_sub(unpacked.len()) {
        return Err(LzoError::Overrun);
    }
    // A match may reach into itself: each round doubles what is there to be repeated.
    let mut left = length;
    while left > 0 {
        let take = left.min(unpacked.len() - start);
        unpacked.extend_from_within(start..start + take);
        left -= take;
    }
    Ok(())
}

struct Input<'a> {
    bytes: &'a [u8],
}

impl Input<'_> {
    fn byte(&mut self) -> Result<u8, LzoError> {
        let (first, rest) = self.bytes.split_first().ok_or(LzoError::Truncated)?;
        self.bytes = rest;
        Ok(*first)
    }

    /// Two bytes, the lower first.
    fn operand(&mut self) -> Result<usize, LzoError> {
        let low = self.byte()?;
        Ok(usize::from(low) | usize::from(self.byte()?) << 8)
    }

    /// A length of which the instruction holds `bits`; 0 means that it goes on: `full`, 255 for every
    /// zero byte, and the next byte.
    fn length(&mut self, bits: usize, full: usize) -> Result<usize, LzoError> {
        if bits > 0 {
            return Ok(bits);
        }
        let mut length = full;
        loop {
            match self.byte()? {
                0 => length += 255,
                last => return Ok(length + usize::from(last)),
            }
        }
    }

    fn literals(&mut self, count: usize, unpacked: &mut Vec<u8>, max_bytes: usize) -> Result<(), LzoError> {
        let (literals, rest) = self.bytes.split_at_checked(count).ok_or(LzoError::Truncated)?;
        if count > max_bytes.saturating_sub(unpacked.len()) {
            return Err(LzoError::Overrun);
        }
        unpacked.extend_from_slice(literals);
        self.bytes = rest;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LzoError, decompress};

    #[test]
    fn what_is_broken_is_an_error() {
        let unpack = |block: &[u8]| decompress(block, &mut Vec::new(), 10);
        assert_eq!(unpack(b""), Err(LzoError::Truncated));
        assert_eq!(unpack(&[18, b'a', 0x11, 0, 0]), Ok(()));
        assert_eq!(unpack(&[18, b'a', 0x11, 0, 0, 9]), Err(LzoError::Trailing));
        assert_eq!(unpack(&[18, b'a', 0x40, 1]), Err(LzoError::Distance));
        assert_eq!(unpack(&[18, b'a', 0x20, 255, 0, 0]), Err(LzoError::Overrun));
        assert_eq!(unpack(&[0, 0, 0]), Err(LzoError::Truncated));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_result(block in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut unpacked = Vec::new();
            let _ = decompress(&block, &mut unpacked, 1000);
            prop_assert!(unpacked.len() <= 1000);
        }
    }
}
