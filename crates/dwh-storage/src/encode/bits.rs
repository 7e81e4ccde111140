//! Bit packing and the RLE hybrid of dictionary codes.

/// Appends an unsigned LEB128 number.
pub(super) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number in zigzag form.
pub(super) fn write_zigzag(out: &mut Vec<u8>, value: i64) {
    write_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Bits that a number needs.
pub(super) fn width(max: u64) -> u32 {
    64 - max.leading_zeros()
}

/// Appends numbers of `width` bits each, the lowest bit first; the last byte is filled with zeros.
pub(super) fn pack(out: &mut Vec<u8>, values: &[u64], width: u32) {
    let mut pending: u128 = 0;
    let mut pending_bits = 0;
    for value in values {
        pending |= u128::from(*value) << pending_bits;
        pending_bits += width;
        if pending_bits >= 64 {
            out.extend_from_slice(&(pending as u64).to_le_bytes());
            pending >>= 64;
            pending_bits -= 64;
        }
    }
    out.extend_from_slice(&pending.to_le_bytes()[..pending_bits.div_ceil(8) as usize]);
}

/// Appends dictionary codes as a data page holds them: the bits of a code, then one run.
pub(super) fn write_codes(out: &mut Vec<u8>, codes: &[u32], width: u32) {
    out.push(width as u8);
    let Some(first) = codes.first() else { return };
    if codes.iter().all(|code| code == first) {
        write_varint(out, (codes.len() as u64) << 1);
        out.extend_from_slice(&first.to_le_bytes()[..width.div_ceil(8) as usize]);
        return;
    }
    let groups = codes.len().div_ceil(8);
    write_varint(out, (groups as u64) << 1 | 1);
    let end = out.len() + groups * width as usize;
    let mut pending: u64 = 0;
    let mut pending_bits = 0;
    for code in codes {
        pending |= u64::from(*code) << pending_bits;
        pending_bits += width;
        if pending_bits >= 32 {
            out.extend_from_slice(&(pending as u32).to_le_bytes());
            pending >>= 32;
            pending_bits -= 32;
        }
    }
    out.extend_from_slice(&pending.to_le_bytes()[..pending_bits.div_ceil(8) as usize]);
    // Runs are made of whole groups of eight codes.
    out.resize(end, 0);
}
