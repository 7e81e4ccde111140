//! A sketch of 2^15 registers: each keeps the longest run of zeros that hashes of its values begin with (Flajolet,
//! Fusy, Gandouet and Meunier, "HyperLogLog", 2007; small sets are counted by their empty registers).
//!
//! Printed it is JSON with the registers that are not empty, or, where that would be longer, Base64 of all registers,
//! six bits each, behind a byte with the number of index bits.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Bits of a hash that choose the register.
const INDEX_BITS: u32 = 15;
const REGISTERS: usize = 1 << INDEX_BITS;
/// From so many registers on the dense form is the smaller one: an index and a value are about 9 characters.
const MAX_SPARSE: usize = 3_600;
const BITS_PER_REGISTER: usize = 6;

/// What is known of a set: the registers that are not 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sketch(BTreeMap<u16, u8>);

impl Sketch {
    /// Adds a value by its hash.
    pub(super) fn insert(&mut self, hash: u64) {
        let index = (hash >> (u64::BITS - INDEX_BITS)) as u16;
        let rest = hash << INDEX_BITS;
        let run = rest.leading_zeros().min(u64::BITS - INDEX_BITS) as u8 + 1;
        self.raise(index, run);
    }

    fn raise(&mut self, index: u16, run: u8) {
        let register = self.0.entry(index).or_default();
        *register = (*register).max(run);
    }

    /// Adds what another sketch knows.
    pub(super) fn merge(&mut self, other: &Self) {
        for (index, run) in &other.0 {
            self.raise(*index, *run);
        }
    }

    /// The estimated number of distinct values.
    pub(super) fn cardinality(&self) -> i64 {
        let registers = REGISTERS as f64;
        let empty = registers - self.0.len() as f64;
        let sum: f64 = empty + self.0.values().map(|run| (-f64::from(*run)).exp2()).sum::<f64>();
        let bias = 0.7213 / (1.0 + 1.079 / registers);
        let estimate = bias * registers * registers / sum;
        let counted = if estimate <= 2.5 * registers && empty > 0.0 {
            registers * (registers / empty).ln()
        } else {
            estimate
        };
        counted.round() as i64
    }

    /// The sketch as Redshift prints it.
    pub(super) fn to_text(&self) -> String {
        if self.0.len() <= MAX_SPARSE {
            let indices: Vec<_> = self.0.keys().collect();
            let values: Vec<_> = self.0.values().collect();
            let sparse = json!({"indices": indices, "values": values});
            return format!(r#"{{"version":1,"logm":{INDEX_BITS},"sparse":{sparse}}}"#);
        }
        let mut bytes = vec![0_u8; 1 + REGISTERS * BITS_PER_REGISTER / 8];
        bytes[0] = INDEX_BITS as u8;
        for (index, run) in &self.0 {
            let first_bit = 8 + usize::from(*index) * BITS_PER_REGISTER;
            for bit in 0..BITS_PER_REGISTER {
                if run >> bit & 1 == 1 {
                    bytes[(first_bit + bit) / 8] |= 1 << ((first_bit + bit) % 8);
                }
            }
        }
        STANDARD.encode(bytes)
    }

    /// The sketch of a text that one was printed as.
    pub(super) fn of_text(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.trim();
        if text.starts_with('{') { Self::of_json(text) } else { Self::of_base64(text.trim_matches('"')) }
    }

    fn of_json(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        if json.get("logm")?.as_u64()? != u64::from(INDEX_BITS) {
            return None;
        }
        let list = |name| json.get("sparse")?.get(name)?.as_array();
        let (indices, values) = (list("indices")?, list("values")?);
        if indices.len() != values.len() {
            return None;
        }
        let mut sketch = Self::default();
        for (index, run) in indices.iter().zip(values) {
            let index =
                u16::try_from(index.as_u64()?).ok().filter(|index| usize::from(*index) < REGISTERS)?;
            let run =
                u8::try_from(run.as_u64()?).ok().filter(|run| (1..1 << BITS_PER_REGISTER).contains(run))?;
            sketch.raise(index, run);
        }
        Some(sketch)
    }

    fn of_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        if bytes.len() != 1 + REGISTERS * BITS_PER_REGISTER / 8 || u32::from(bytes[0]) != INDEX_BITS {
            return None;
        }
        let mut sketch = Self::default();
        for index in 0..REGISTERS {
            let first_bit = 8 + index * BITS_PER_REGISTER;
            let bit = |bit: usize| (bytes[(first_bit + bit) / 8] >> ((first_bit + bit) % 8) & 1) << bit;
            let run: u8 = (0..BITS_PER_REGISTER).map(bit).sum();
            if run > 0 {
                sketch.raise(index as u16, run);
            }
        }
        Some(sketch)
    }
}

#[cfg(test)]
mod tests {
    use super::Sketch;

    fn of(values: std::ops::Range<u64>) -> Sketch {
        let mut sketch = Sketch::default();
        values.for_each(|value| sketch.insert(farmhash::fingerprint64(value.to_string().as_bytes())));
        sketch
    }

    /// The guide: the average relative error is at most 0.6 %; three of these are allowed here.
    #[test]
    fn the_estimate_is_near_the_number_of_values() {
        for count in [0, 1, 4, 1_000, 50_000, 100_000, 1_000_000] {
            let estimate = of(0..count).cardinality();
            let error = (estimate - count as i64).unsigned_abs() as f64;
            assert!(error <= count as f64 * 0.018, "{count}: {estimate}");
        }
    }

    #[test]
    fn both_forms_of_text_read_back() {
        for count in [0, 3, 100_000] {
            let sketch = of(0..count);
            assert_eq!(Sketch::of_text(sketch.to_text().as_bytes()), Some(sketch));
        }
        // Older pages of the guide show no version.
        let guide = br#"{"logm":15,"sparse":{"indices":[4878,9559,14523],"values":[1,2,1]}}"#;
        let sketch = Sketch::of_text(guide).expect("the guide's sketch");
        let shown = r#"{"version":1,"logm":15,"sparse":{"indices":[4878,9559,14523],"values":[1,2,1]}}"#;
        assert_eq!((sketch.cardinality(), sketch.to_text().as_str()), (3, shown));
        for nonsense in ["", "{}", "AAAA", r#"{"logm":15,"sparse":{"indices":[99999],"values":[1]}}"#] {
            assert_eq!(Sketch::of_text(nonsense.as_bytes()), None, "{nonsense}");
        }
    }

    #[test]
    fn merged_sketches_are_that_of_the_union() {
        let mut left = of(0..600);
        left.merge(&of(400..1_000));
        assert_eq!(left, of(0..1_000));
    }
}
