use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBufferBuilder, DictionaryArray, StringArray, StringBuilder, UInt32Array,
};
use arrow::buffer::NullBuffer;
use arrow::error::ArrowError;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::recent_texts::{RecentTexts, Written};

/// After so many values it is decided whether a dictionary is worth its while.
const SAMPLE_VALUES: usize = 4096;
/// Batches without a dictionary before another sample is taken.
const PLAIN_BATCHES: u32 = 15;

/// Fills a text column: as a dictionary while values repeat, so that equal values are hashed once here
/// and never again on their way to the file; plain where they do not.
pub(super) struct TextBuilder {
    /// One entry a row while the column is plain, else one a distinct value. The builder knows that what it
    /// holds is UTF-8, and does not check it again.
    values: StringBuilder,
    /// The rows of a dictionary; NULL is 0.
    codes: Vec<u32>,
    /// Of the rows of a dictionary; made with the first NULL.
    validity: Option<BooleanBufferBuilder>,
    codes_of: HashTable<u32>,
    hasher: DefaultHashBuilder,
    recent: RecentTexts,
    is_dictionary: bool,
    /// Values of the batch that went into the dictionary, until that has been judged.
    sampled: usize,
    plain_batches_left: u32,
}

impl TextBuilder {
    pub(super) fn new() -> Self {
        Self {
            values: StringBuilder::new(),
            codes: Vec::new(),
            validity: None,
            codes_of: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            recent: RecentTexts::new(),
            is_dictionary: true,
            sampled: 0,
            plain_batches_left: 0,
        }
    }

    #[inline]
    pub(super) fn append(&mut self, text: &str) {
        if !self.is_dictionary {
            self.values.append_value(text);
            return;
        }
        let code = self.code(text);
        self.append_code(code);
        self.sampled += 1;
        if self.sampled == SAMPLE_VALUES && 2 * self.values.len() > SAMPLE_VALUES {
            self.give_up_dictionary();
        }
    }

    /// Appends what became of a text that was written so before, if that is known.
    #[inline]
    pub(super) fn append_seen(&mut self, written: Written<'_>) -> bool {
        if !self.is_dictionary {
            return false;
        }
        let Some(code) = self.recent.get(written) else { return false };
        self.append_code(code);
        // The last of the sample is a value that is looked at when it comes.
        if self.sampled < SAMPLE_VALUES - 1 {
            self.sampled += 1;
        }
        true
    }

    /// The text just appended was written so.
    #[inline]
    pub(super) fn remember_last(&mut self, written: Written<'_>) {
        if self.is_dictionary
            && let Some(code) = self.codes.last()
        {
            self.recent.insert(written, *code);
        }
    }

    pub(super) fn append_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.append(text),
            None => self.append_null(),
        }
    }

    pub(super) fn append_null(&mut self) {
        if !self.is_dictionary {
            self.values.append_null();
            return;
        }
        let rows = self.codes.len();
        let validity = self.validity.get_or_insert_with(|| {
            let mut validity = BooleanBufferBuilder::new(rows + SAMPLE_VALUES);
            validity.append_n(rows, true);
            validity
        });
        validity.append(false);
        self.codes.push(0);
    }

    /// Bytes held.
    pub(super) fn size_bytes(&self) -> usize {
        self.values.values_slice().len() + 4 * (self.values.offsets_slice().len() + self.codes.len())
    }

    /// The column: `Dictionary(UInt32, Utf8)` or `Utf8`. The builder is empty again.
    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        self.sampled = 0;
        if !self.is_dictionary {
            self.plain_batches_left = self.plain_batches_left.saturating_sub(1);
            self.is_dictionary = self.plain_batches_left == 0;
            return Ok(Arc::new(self.take_values()));
        }
        self.codes_of.clear();
        self.recent.clear();
        if self.values.is_empty() {
            // NULLs need an entry to point at.
            self.values.append_value("");
        }
        let validity = self.validity.take().map(|mut validity| NullBuffer::new(validity.finish()));
        let next = Vec::with_capacity(self.codes.len());
        let codes = std::mem::replace(&mut self.codes, next);
        let codes = UInt32Array::try_new(codes.into(), validity)?;
        Ok(Arc::new(DictionaryArray::try_new(codes, Arc::new(self.take_values()))?))
    }

    /// The values so far; the next batch will have about as many.
    fn take_values(&mut self) -> StringArray {
        let bytes = self.values.values_slice().len();
        let next = StringBuilder::with_capacity(self.values.len(), bytes + bytes / 8);
        std::mem::replace(&mut self.values, next).finish()
    }

    #[inline]
    fn append_code(&mut self, code: u32) {
        self.codes.push(code);
        if let Some(validity) = &mut self.validity {
            validity.append(true);
        }
    }

    #[inline]
    fn code(&mut self, text: &str) -> u32 {
        let Self { values, codes_of, hasher, .. } = self;
        let hash = hasher.hash_one(text.as_bytes());
        if let Some(code) = codes_of.find(hash, |&code| value(values, code) == text.as_bytes()) {
            return *code;
        }
        // A batch has fewer rows than a code has values.
        let code = values.len() as u32;
        values.append_value(text);
        codes_of.insert_unique(hash, code, |&code| hasher.hash_one(value(values, code)));
        code
    }

    /// Goes on as a plain column, with the values so far.
    fn give_up_dictionary(&mut self) {
        self.is_dictionary = false;
        self.plain_batches_left = PLAIN_BATCHES;
        self.codes_of.clear();
        self.recent.clear();
        let distinct = std::mem::take(&mut self.values).finish();
        let validity = self.validity.take();
        for (row, code) in std::mem::take(&mut self.codes).into_iter().enumerate() {
            let is_valid = validity.as_ref().is_none_or(|validity| validity.get_bit(row));
            self.values.append_option(is_valid.then(|| distinct.value(code as usize)));
        }
    }
}

/// The value of a code.
fn value(values: &StringBuilder, code: u32) -> &[u8] {
    let (code, offsets) = (code as usize, values.offsets_slice());
    &values.values_slice()[offsets[code] as usize..offsets[code + 1] as usize]
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
