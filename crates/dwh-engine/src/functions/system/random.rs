//! `RANDOM()`: after `SET seed` the sequence of the C library's `random()`, as the guide's example shows; before, the
//! query engine's generator.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, Float64Array};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::functions::math;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

const MAX: f64 = 2_147_483_647.0;
/// Words of the generator's state, and how far back the second one is added.
const WORDS: usize = 31;
const LAG: usize = 3;
/// Outputs that are thrown away after seeding.
const WARM_UP: usize = 310;

/// A seeded generator, shared by the statements of a session.
#[derive(Debug, Clone)]
pub(crate) struct Sequence(Arc<Mutex<Generator>>);

#[derive(Debug)]
struct Generator {
    words: [u32; WORDS],
    next: usize,
}

impl Sequence {
    /// The sequence of a seed between -1 and 1.
    pub(crate) fn seeded(seed: f64) -> Self {
        let mut word = match (seed * MAX) as i64 as u32 {
            0 => 1,
            seed => seed,
        };
        let mut words = [0; WORDS];
        for slot in &mut words {
            *slot = word;
            // The minimal standard generator, in signed arithmetic.
            let product = i64::from(word as i32) * 16_807 % 2_147_483_647;
            word = if product < 0 { product + 2_147_483_647 } else { product } as u32;
        }
        let mut generator = Generator { words, next: LAG };
        for _ in 0..WARM_UP {
            generator.step();
        }
        Self(Arc::new(Mutex::new(generator)))
    }

    fn take(&self, count: usize) -> Vec<f64> {
        let mut generator = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (0..count).map(|_| f64::from(generator.step()) / (MAX + 1.0)).collect()
    }
}

impl Generator {
    /// The next number of 31 bits.
    fn step(&mut self) -> u32 {
        let at = self.next;
        let sum = self.words[at].wrapping_add(self.words[(at + WORDS - LAG) % WORDS]);
        self.words[at] = sum;
        self.next = (at + 1) % WORDS;
        sum >> 1
    }
}

/// RANDOM of a session.
pub(crate) fn random(sequence: Option<Sequence>) -> Arc<ScalarUDF> {
    match sequence {
        Some(sequence) => Arc::new(ScalarUDF::from(Seeded {
            sequence,
            signature: Signature::nullary(Volatility::Volatile),
        })),
        None => math::random(),
    }
}

#[derive(Debug)]
struct Seeded {
    sequence: Sequence,
    signature: Signature,
}

impl PartialEq for Seeded {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sequence.0, &other.sequence.0)
    }
}

impl Eq for Seeded {}

impl std::hash::Hash for Seeded {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.signature.hash(state);
    }
}

impl ScalarUDFImpl for Seeded {
    fn name(&self) -> &str {
        "random"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let numbers: ArrayRef = Arc::new(Float64Array::from(self.sequence.take(args.number_rows)));
        Ok(ColumnarValue::Array(numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::Sequence;

    #[test]
    fn a_seed_gives_the_numbers_of_the_guide() {
        let percents = |numbers: Vec<f64>| numbers.iter().map(|n| (n * 100.0).round()).collect::<Vec<_>>();
        assert_eq!(percents(Sequence::seeded(0.25).take(3)), [21.0, 79.0, 12.0]);
    }
}
