use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBufferBuilder, DictionaryArray, StringArray, UInt32Array};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

/// After so many values it is decided whether a dictionary is worth its while.
const SAMPLE_VALUES: usize = 4096;
/// Batches without a dictionary before another sample is taken.
const PLAIN_BATCHES: u32 = 15;

/// Fills a text column: as a dictionary while values repeat, so that equal values are hashed once here
/// and never again on their way to the file; plain where they do not.
pub(super) struct TextBuilder {
    values: Values,
    /// One entry a row; empty while the column is plain. NULL is 0.
    codes: Vec<u32>,
    codes_of: HashTable<u32>,
    hasher: DefaultHashBuilder,
    rows: usize,
    /// Made with the first NULL.
    validity: Option<BooleanBufferBuilder>,
    is_dictionary: bool,
    /// Values of the batch that went into the dictionary.
    sampled: usize,
    plain_batches_left: u32,
}

/// Texts one behind the other.
struct Values {
    bytes: String,
    /// Where each begins, and the end of the last.
    offsets: Vec<i32>,
}

impl Values {
    fn new() -> Self {
        Self { bytes: String::new(), offsets: vec![0] }
    }

    fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    fn get(&self, index: usize) -> &[u8] {
        &self.bytes.as_bytes()[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }

    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        // A batch is handed over long before its text fills 2 GiB.
        self.offsets.push(self.bytes.len() as i32);
    }

    fn take(&mut self, validity: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes.reserve(bytes.len() + bytes.len() / 8);
        let next = Vec::with_capacity(self.offsets.len());
        let offsets = std::mem::replace(&mut self.offsets, next);
        self.offsets.push(0);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        StringArray::try_new(offsets, Buffer::from_vec(bytes.into_bytes()), validity)
    }
}

impl TextBuilder {
    pub(super) fn new() -> Self {
        Self {
            values: Values::new(),
            codes: Vec::new(),
            codes_of: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            rows: 0,
            validity: None,
            is_dictionary: true,
            sampled: 0,
            plain_batches_left: 0,
        }
    }

    #[inline]
    pub(super) fn append(&mut self, text: &str) {
        if self.is_dictionary {
            let code = self.code(text);
            self.codes.push(code);
            self.sampled += 1;
        } else {
            self.values.push(text);
        }
        self.rows += 1;
        if let Some(validity) = &mut self.validity {
            validity.append(true);
        }
        // With the validity of this row, which giving up looks at.
        if self.is_dictionary && self.sampled == SAMPLE_VALUES && 2 * self.values.len() > SAMPLE_VALUES {
            self.give_up_dictionary();
        }
    }

    pub(super) fn append_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.append(text),
            None => self.append_null(),
        }
    }

    pub(super) fn append_null(&mut self) {
        let rows = self.rows;
        let validity = self.validity.get_or_insert_with(|| {
            let mut validity = BooleanBufferBuilder::new(rows + SAMPLE_VALUES);
            validity.append_n(rows, true);
            validity
        });
        validity.append(false);
        if self.is_dictionary {
            self.codes.push(0);
        } else {
            self.values.push("");
        }
        self.rows += 1;
    }

    /// Bytes held.
    pub(super) fn size_bytes(&self) -> usize {
        self.values.bytes.len() + 4 * (self.values.offsets.len() + self.codes.len())
    }

    /// The column: `Dictionary(UInt32, Utf8)` or `Utf8`. The builder is empty again.
    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        (self.rows, self.sampled) = (0, 0);
        let validity = self.validity.take().map(|mut validity| NullBuffer::new(validity.finish()));
        if !self.is_dictionary {
            self.plain_batches_left = self.plain_batches_left.saturating_sub(1);
            self.is_dictionary = self.plain_batches_left == 0;
            return Ok(Arc::new(self.values.take(validity)?));
        }
        self.codes_of.clear();
        if self.values.len() == 0 {
            // NULLs need an entry to point at.
            self.values.push("");
        }
        let next = Vec::with_capacity(self.codes.len());
        let codes = std::mem::replace(&mut self.codes, next);
        let codes = UInt32Array::try_new(codes.into(), validity)?;
        Ok(Arc::new(DictionaryArray::try_new(codes, Arc::new(self.values.take(None)?))?))
    }

    #[inline]
    fn code(&mut self, text: &str) -> u32 {
        let Self { values, codes_of, hasher, .. } = self;
        let hash = hasher.hash_one(text.as_bytes());
        if let Some(code) = codes_of.find(hash, |&code| values.get(code as usize) == text.as_bytes()) {
            return *code;
        }
        // A batch has fewer rows than a code has values.
        let code = values.len() as u32;
        values.push(text);
        codes_of.insert_unique(hash, code, |&code| hasher.hash_one(values.get(code as usize)));
        code
    }

    /// Goes on as a plain column, with the values so far.
    fn give_up_dictionary(&mut self) {
        self.is_dictionary = false;
        self.plain_batches_left = PLAIN_BATCHES;
        self.codes_of.clear();
        let distinct = std::mem::replace(&mut self.values, Values::new());
        for (row, code) in std::mem::take(&mut self.codes).into_iter().enumerate() {
            let is_null = self.validity.as_ref().is_some_and(|validity| !validity.get_bit(row));
            let range =
                distinct.offsets[code as usize] as usize..distinct.offsets[code as usize + 1] as usize;
            self.values.push(if is_null { "" } else { &distinct.bytes[range] });
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::compute::cast;
    use arrow::datatypes::DataType;

    use super::{SAMPLE_VALUES, TextBuilder};

    fn texts(array: &dyn Array) -> Vec<Option<String>> {
        let plain = cast(array, &DataType::Utf8).expect("text");
        plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn build(builder: &mut TextBuilder, values: &[Option<String>]) -> (DataType, Vec<Option<String>>) {
        for value in values {
            match value {
                Some(text) => builder.append(text),
                None => builder.append_null(),
            }
        }
        let array = builder.finish().expect("valid");
        (array.data_type().clone(), texts(&array))
    }

    #[test]
    fn repeated_values_become_a_dictionary() {
        let mut builder = TextBuilder::new();
        for _ in 0..2 {
            let values: Vec<_> =
                (0..10_000).map(|n| (n % 7 > 0).then(|| format!("value {}", n % 50))).collect();
            let (data_type, built) = build(&mut builder, &values);
            assert!(matches!(data_type, DataType::Dictionary(..)));
            assert!(built == values);
        }
    }

    #[test]
    fn distinct_values_become_plain_and_are_sampled_again_later() {
        let mut builder = TextBuilder::new();
        let distinct: Vec<_> = (0..3 * SAMPLE_VALUES).map(|n| (n % 5 > 0).then(|| n.to_string())).collect();
        let same = vec![Some("same".to_owned()); 10];
        let (data_type, built) = build(&mut builder, &distinct);
        assert_eq!(data_type, DataType::Utf8);
        assert!(built == distinct);
        let types: Vec<_> = (0..20).map(|_| build(&mut builder, &same)).collect();
        assert!(types.iter().all(|(_, built)| *built == same));
        assert_eq!(types[0].0, DataType::Utf8);
        assert!(matches!(types[19].0, DataType::Dictionary(..)));
    }

    #[test]
    fn a_column_of_nulls_or_of_nothing_is_valid() {
        let mut builder = TextBuilder::new();
        assert_eq!(build(&mut builder, &[None, None]).1, [None, None]);
        assert_eq!(build(&mut builder, &[]).1, []);
    }
}
