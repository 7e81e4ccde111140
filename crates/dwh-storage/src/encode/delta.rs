//! DELTA_BINARY_PACKED: differences of neighbours, less the smallest of their block, in as few bits as
//! their block needs.

use super::bits::{pack, width, write_varint, write_zigzag};

const BLOCK_VALUES: usize = 128;
const MINIBLOCKS: usize = 4;
const MINIBLOCK_VALUES: usize = BLOCK_VALUES / MINIBLOCKS;

/// Size of the numbers, at which their differences wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Bits32,
    Bits64,
}

/// Appends numbers.
pub(super) fn write(out: &mut Vec<u8>, values: &[i64], size: Size) {
    write_varint(out, BLOCK_VALUES as u64);
    write_varint(out, MINIBLOCKS as u64);
    write_varint(out, values.len() as u64);
    let Some((first, rest)) = values.split_first() else {
        write_zigzag(out, 0);
        return;
    };
    write_zigzag(out, *first);
    let difference = |after: i64, before: i64| match size {
        Size::Bits32 => i64::from((after as i32).wrapping_sub(before as i32)),
        Size::Bits64 => after.wrapping_sub(before),
    };
    let mut before = *first;
    let mut deltas = [0_i64; BLOCK_VALUES];
    let mut packed = [0_u64; BLOCK_VALUES];
    for block in rest.chunks(BLOCK_VALUES) {
        for (delta, value) in deltas.iter_mut().zip(block) {
            *delta = difference(*value, before);
            before = *value;
        }
        let deltas = &deltas[..block.len()];
        let smallest = deltas.iter().copied().min().unwrap_or(0);
        packed.fill(0);
        for (packed, delta) in packed.iter_mut().zip(deltas) {
            *packed = delta.wrapping_sub(smallest) as u64;
        }
        write_zigzag(out, smallest);
        let miniblocks = || packed.chunks(MINIBLOCK_VALUES);
        let widths: Vec<u32> =
            miniblocks().map(|values| width(values.iter().fold(0, |all, value| all | value))).collect();
        out.extend(widths.iter().map(|width| *width as u8));
        let filled = block.len().div_ceil(MINIBLOCK_VALUES);
        for (values, width) in miniblocks().zip(widths).take(filled) {
            pack(out, values, width);
        }
    }
}
