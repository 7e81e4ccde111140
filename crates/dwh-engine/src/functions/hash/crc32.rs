//! `CRC32(text)`: the CRC of Ethernet and zip, as eight hexadecimal digits.

use crate::functions::function::{Function, Parameter, Returns};

/// The polynomial of IEEE 802.3, bits reversed.
const POLYNOMIAL: u32 = 0xEDB8_8320;

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
    call.build_text(|row| {
        let crc = texts
            .at(row)
            .bytes()
            .fold(u32::MAX, |crc, byte| TABLE[((crc ^ u32::from(byte)) & 0xFF) as usize] ^ crc >> 8);
        Ok(Some(format!("{:08x}", !crc)))
    })
});

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn the_check_value_of_the_crc_catalogue() {
        assert_values(&[("crc32('123456789')", "cbf43926")]);
    }
}
