//! `CRC32(text)`: CRC-32C (Castagnoli), as eight hexadecimal digits.

use crate::functions::function::{Function, Parameter, Returns};

/// Castagnoli's polynomial, bits reversed.
const POLYNOMIAL: u32 = 0x82F6_3B78;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

pub(super) const FUNCTION: Function = Function::new("crc32", &[Parameter::Text], Returns::Text, |call| {
    let texts = call.text(0)?;
    call.build_text(|row| Ok(Some(format!("{:08x}", crc32c(texts.at(row).as_bytes())))))
});

/// The CRC-32C of bytes.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| TABLE[((crc ^ u32::from(*byte)) & 0xFF) as usize] ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn the_check_value_of_the_crc_catalogue_and_the_guide() {
        assert_values(&[("crc32('123456789')", "e3069283"), ("crc32('Amazon Redshift')", "f2726906")]);
    }
}
