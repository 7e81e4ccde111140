//! The quick way through a record: most records of a file repeat the keys, order and spacing of the one
//! before, so each key is compared with the bytes that are expected there (DESIGN 6) and its value is
//! scanned in place. Whatever is unusual, wrong included, is left to the general reader, which decides
//! and explains; what is accepted here is what it would accept, with the same values.

use jiter::Jiter;
use memchr::{memchr, memchr2};

use super::reader::{Slot, SlotKind};
use crate::jsonpaths::PathTree;

/// So many keys are learned; where none repeats, learning more would cost without an end.
const MAX_PREDICTED_KEYS: usize = 4096;
/// So many missing keys are stepped over.
const MAX_KEYS_AHEAD: usize = 64;
/// Longer texts between two values are looked at key by key.
const MAX_PREDICTED_BYTES: usize = 64;

/// What the records so far looked like.
#[derive(Debug, Default)]
pub(super) struct QuickReader {
    predicted: Vec<PredictedKey>,
}

/// One key with all that stands between the values before and behind it, as in `,"key":`.
#[derive(Debug)]
struct PredictedKey {
    literal: Literal,
    /// Whether it begins a record: then it begins with a bracket, all others with a comma.
    is_first: bool,
    /// The node that takes the value.
    node: Option<usize>,
}

impl QuickReader {
    /// Whether the tree's values are all members of the record, and so can be read here.
    pub(super) fn serves(tree: &PathTree) -> bool {
        let root = &tree.nodes[0];
        !root.wanted && root.elements.is_empty() && root.members.values().all(|&node| tree.is_leaf(node))
    }

    /// Reads the record that `bytes` begins with and returns its length; slots must be empty. `None`
    /// leaves it to the general reader.
    pub(super) fn read(&mut self, tree: &PathTree, slots: &mut [Slot], bytes: &[u8]) -> Option<usize> {
        let (mut position, mut next) = (0, 0);
        loop {
            let node = match self.predicted.get(next) {
                // The literal of a first key begins with the record's bracket, which is nowhere else in it.
                Some(key) if key.is_first == (position == 0) && key.literal.begins(bytes, position) => {
                    position += key.literal.length;
                    next += 1;
                    key.node
                }
                _ if position > 0 && bytes.get(position) == Some(&b'}') => return Some(position + 1),
                _ => {
                    let start = position;
                    let node = match key(tree, bytes, &mut position)? {
                        Key::End => return Some(position),
                        Key::Node(node) => node,
                    };
                    next = self.learn(next, &bytes[start..position], node);
                    node
                }
            };
            let start = position;
            let kind = value(bytes, &mut position)?;
            if let Some(node) = node {
                if slots[node].kind != SlotKind::Missing {
                    // A repeated key.
                    return None;
                }
                slots[node] =
                    Slot { kind, start: u32::try_from(start).ok()?, end: u32::try_from(position).ok()? };
            }
        }
    }

    /// Remembers a key that was not expected; the prediction goes on behind it.
    fn learn(&mut self, next: usize, literal: &[u8], node: Option<usize>) -> usize {
        // A key that is known further on: those in between are missing in this record.
        let ahead = self.predicted.iter().skip(next).take(MAX_KEYS_AHEAD);
        if let Some(offset) = ahead.map(|key| key.literal.bytes()).position(|known| known == literal) {
            return next + offset + 1;
        }
        if self.predicted.len() < MAX_PREDICTED_KEYS
            && let Some(known) = Literal::new(literal)
        {
            let is_first = literal.first() == Some(&b'{');
            self.predicted.insert(next, PredictedKey { literal: known, is_first, node });
            return next + 1;
        }
        next
    }
}

/// Bytes to compare, sixteen at a time.
#[derive(Debug)]
struct Literal {
    length: usize,
    padded: [u8; MAX_PREDICTED_BYTES],
    /// Of the last, perhaps incomplete, sixteen bytes: which count.
    last_mask: u128,
}

impl Literal {
    fn new(bytes: &[u8]) -> Option<Self> {
        let length = bytes.len();
        let mut padded = [0; MAX_PREDICTED_BYTES];
        padded.get_mut(..length)?.copy_from_slice(bytes);
        let last_bytes = (length + 15) % 16 + 1;
        Some(Self { length, padded, last_mask: u128::MAX >> (128 - 8 * last_bytes) })
    }

    fn bytes(&self) -> &[u8] {
        &self.padded[..self.length]
    }

    /// Whether these bytes stand at the position. Near the end of the input it may say no.
    #[inline]
    fn begins(&self, bytes: &[u8], position: usize) -> bool {
        let mut offset = 0;
        loop {
            let Some(found) = bytes.get(position + offset..).and_then(<[u8]>::first_chunk::<16>) else {
                return false;
            };
            let Some(expected) = self.padded.get(offset..).and_then(<[u8]>::first_chunk::<16>) else {
                return false;
            };
            let difference = u128::from_le_bytes(*found) ^ u128::from_le_bytes(*expected);
            if offset + 16 >= self.length {
                return difference & self.last_mask == 0;
            }
            if difference != 0 {
                return false;
            }
            offset += 16;
        }
    }
}

enum Key {
    Node(Option<usize>),
    End,
}

/// Reads `,"key":` or, at the start, `{"key":`, with white space anywhere, up to the value.
fn key(tree: &PathTree, bytes: &[u8], position: &mut usize) -> Option<Key> {
    let first = *position == 0;
    skip_white_space(bytes, position);
    match *bytes.get(*position)? {
        b'{' if first => {}
        b',' if !first => {}
        b'}' if !first => {
            *position += 1;
            return Some(Key::End);
        }
        _ => return None,
    }
    *position += 1;
    skip_white_space(bytes, position);
    if bytes.get(*position) == Some(&b'}') && first {
        *position += 1;
        return Some(Key::End);
    }
    if *bytes.get(*position)? != b'"' {
        return None;
    }
    let start = *position;
    if string(bytes, position)? == SlotKind::EscapedText {
        return None;
    }
    let node = tree.member(0, &bytes[start + 1..*position - 1]);
    skip_white_space(bytes, position);
    if *bytes.get(*position)? != b':' {
        return None;
    }
    *position += 1;
    skip_white_space(bytes, position);
    Some(Key::Node(node))
}

fn skip_white_space(bytes: &[u8], position: &mut usize) {
    while matches!(bytes.get(*position), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        *position += 1;
    }
}

/// Scans the value at the position and moves behind it.
#[inline]
fn value(bytes: &[u8], position: &mut usize) -> Option<SlotKind> {
    match *bytes.get(*position)? {
        b'"' => string(bytes, position),
        b'-' | b'0'..=b'9' => number(bytes, position),
        b'n' => word(bytes, position, b"null", SlotKind::Null),
        b't' => word(bytes, position, b"true", SlotKind::True),
        b'f' => word(bytes, position, b"false", SlotKind::False),
        b'{' | b'[' => {
            let mut jiter = Jiter::new(&bytes[*position..]);
            jiter.next_skip().ok()?;
            *position += jiter.current_index();
            Some(SlotKind::Nested)
        }
        _ => None,
    }
}

fn word(bytes: &[u8], position: &mut usize, word: &[u8], kind: SlotKind) -> Option<SlotKind> {
    if !bytes[*position..].starts_with(word) {
        return None;
    }
    *position += word.len();
    Some(kind)
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
#[inline]
fn number(bytes: &[u8], position: &mut usize) -> Option<SlotKind> {
    let digits = |from: usize| -> Option<usize> {
        let mut end = from;
        while bytes.get(end)?.is_ascii_digit() {
            end += 1;
        }
        (end > from).then_some(end)
    };
    let start = *position + usize::from(bytes[*position] == b'-');
    let mut end = digits(start)?;
    if bytes[start] == b'0' && end > start + 1 {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        end += 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = digits(end)?;
    }
    *position = end;
    Some(SlotKind::Number)
}

/// Bytes looked at word by word before longer strings are searched.
const SHORT_STRING_BYTES: usize = 24;

/// The string that begins at the position, from quote to quote.
#[inline]
fn string(bytes: &[u8], position: &mut usize) -> Option<SlotKind> {
    let mut end = string_stop(bytes, *position + 1)?;
    let mut kind = SlotKind::Text;
    loop {
        match bytes[end] {
            b'"' => {
                *position = end + 1;
                return Some(kind);
            }
            b'\\' => match bytes.get(end + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                    kind = SlotKind::EscapedText;
                    end = string_stop(bytes, end + 2)?;
                }
                // Any character but half of a surrogate pair.
                b'u' if bytes.get(end + 2..end + 6).is_some_and(is_plain_unit) => {
                    kind = SlotKind::EscapedText;
                    end = string_stop(bytes, end + 6)?;
                }
                b'u' => {
                    let mut jiter = Jiter::new(&bytes[*position..]);
                    jiter.next_bytes().ok()?;
                    *position += jiter.current_index();
                    return Some(SlotKind::EscapedText);
                }
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// Whether four bytes are the hexadecimal digits of a character of its own.
fn is_plain_unit(digits: &[u8]) -> bool {
    let is_surrogate = digits[0] | 0x20 == b'd' && digits[1] > b'7';
    digits.iter().all(u8::is_ascii_hexdigit) && !is_surrogate
}

/// Offset of the next quote, backslash or control character.
#[inline]
fn string_stop(bytes: &[u8], start: usize) -> Option<usize> {
    let mut end = start;
    while end - start < SHORT_STRING_BYTES {
        let word = bytes.get(end..).and_then(<[u8]>::first_chunk::<8>)?;
        let stops = stops(u64::from_le_bytes(*word));
        if stops != 0 {
            return Some(end + (stops.trailing_zeros() / 8) as usize);
        }
        end += 8;
    }
    let rest = &bytes[end..];
    let length = memchr2(b'"', b'\\', rest)?;
    // Not `any`, which would look at one byte at a time.
    let has_control = rest[..length].iter().fold(false, |control, byte| control | (*byte < 0x20));
    (!has_control).then_some(end + length)
}

/// The highest bit of the first byte that is a quote, a backslash or a control character; bits of later
/// bytes may be wrong.
#[inline]
fn stops(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let quote = zero(word ^ (ONES * b'"' as u64));
    let backslash = zero(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    quote | backslash | control
}

/// Whether a string's bytes hold an escape.
pub(super) fn has_escape(text: &[u8]) -> bool {
    memchr(b'\\', text).is_some()
}

#[cfg(test)]
mod tests;
