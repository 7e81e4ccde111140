use super::Value;

/// A power of two; as many entries as stay in the processor's nearest caches beside those of other columns.
const ENTRIES: usize = 512;
/// No more is remembered when so many bytes are.
const MAX_BYTES: usize = 64 << 10;
/// After so many lookups it is decided whether remembering is worth its while.
const SAMPLE_LOOKUPS: u32 = 4 * ENTRIES as u32;

/// Text as it is written in the file, which says what becomes of it in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written<'a> {
    bytes: &'a [u8],
    is_escaped: bool,
}

impl<'a> Written<'a> {
    /// `None` for values that are no text.
    #[inline]
    pub(super) fn of(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Utf8(text) => Some(Self { bytes: text.as_bytes(), is_escaped: false }),
            Value::Text(bytes) => Some(Self { bytes, is_escaped: false }),
            Value::Escaped(bytes) => Some(Self { bytes, is_escaped: true }),
            _ => None,
        }
    }

    /// The entry where this text would be, by its length and some of its bytes.
    #[inline]
    fn entry(self) -> usize {
        let bytes = self.bytes;
        let word = |start: usize| {
            bytes.get(start..).and_then(<[u8]>::first_chunk::<8>).map_or(0, |word| u64::from_le_bytes(*word))
        };
        let length = bytes.len();
        let mixed = if length >= 8 {
            word(0) ^ word(length - 8).rotate_left(23) ^ word(length / 2 - 4).rotate_left(41)
        } else {
            bytes.iter().fold(0, |mixed, byte| mixed << 8 | u64::from(*byte))
        };
        let spread = (mixed ^ length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (spread >> (64 - ENTRIES.trailing_zeros())) as usize
    }
}

/// Texts of one column that came lately, and the dictionary codes that they became: most values of a log
/// are among them, and one comparison of bytes then stands for unescaping, checking and hashing.
pub(super) struct RecentTexts {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    lookups: u32,
    hits: u32,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    start: u32,
    length: u32,
    code: u32,
    is_set: bool,
    is_escaped: bool,
}

impl RecentTexts {
    pub(super) fn new() -> Self {
        Self { entries: vec![Entry::default(); ENTRIES], bytes: Vec::new(), lookups: 0, hits: 0 }
    }

    /// Forgets all: the dictionary begins anew.
    pub(super) fn clear(&mut self) {
        self.entries.fill(Entry::default());
        self.bytes.clear();
        (self.lookups, self.hits) = (0, 0);
    }

    /// The code of a text, if it came lately.
    #[inline]
    pub(super) fn get(&mut self, written: Written<'_>) -> Option<u32> {
        if !self.is_useful() {
            return None;
        }
        self.lookups += 1;
        let entry = &self.entries[written.entry()];
        let start = entry.start as usize;
        let is_same = entry.is_set
            && entry.is_escaped == written.is_escaped
            && self.bytes.get(start..start + entry.length as usize) == Some(written.bytes);
        self.hits += u32::from(is_same);
        is_same.then_some(entry.code)
    }

    /// Remembers what became of a text.
    pub(super) fn insert(&mut self, written: Written<'_>, code: u32) {
        let (start, length) = (self.bytes.len(), written.bytes.len());
        if start + length > MAX_BYTES || !self.is_useful() {
            return;
        }
        self.bytes.extend_from_slice(written.bytes);
        // Neither is greater than `MAX_BYTES`.
        let (start, length) = (start as u32, length as u32);
        self.entries[written.entry()] =
            Entry { start, length, code, is_set: true, is_escaped: written.is_escaped };
    }

    fn is_useful(&self) -> bool {
        self.lookups < SAMPLE_LOOKUPS || self.hits > self.lookups / 2
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::{ENTRIES, RecentTexts, Written};

    fn written(value: Value<'_>) -> Written<'_> {
        Written::of(value).expect("text")
    }

    #[test]
    fn a_text_is_found_as_it_was_written_only() {
        let mut recent = RecentTexts::new();
        let plain = written(Value::Utf8("a\\n"));
        recent.insert(plain, 7);
        assert_eq!(recent.get(plain), Some(7));
        assert_eq!(recent.get(written(Value::Text(b"a\\n"))), Some(7));
        assert_eq!(recent.get(written(Value::Escaped(b"a\\n"))), None);
        assert_eq!(recent.get(written(Value::Utf8("a\\nb"))), None);
        assert_eq!(Written::of(Value::Null), None);
        recent.clear();
        assert_eq!(recent.get(plain), None);
    }

    #[test]
    fn no_text_is_taken_for_another() {
        let texts: Vec<String> =
            (0..50 * ENTRIES).map(|n| format!("{:0>width$}", n, width = n % 40)).collect();
        let mut recent = RecentTexts::new();
        for (code, text) in texts.iter().enumerate() {
            let known = recent.get(written(Value::Utf8(text)));
            assert!(known.is_none_or(|known| texts[known as usize] == *text));
            recent.insert(written(Value::Utf8(text)), code as u32);
        }
    }
}
