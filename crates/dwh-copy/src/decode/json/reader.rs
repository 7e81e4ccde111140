//! JSON values, read token by token with jiter: no document is built, values that no column wants are
//! skipped, and what a column wants is remembered as a range of the record.

use jiter::{Jiter, JiterError, Peek};
use memchr::memchr;

use crate::convert::{Number, Value};
use crate::jsonpaths::PathTree;

/// Takes the wanted values out of records. Keeps what it learned of one for the next.
pub(crate) struct JsonReader {
    tree: PathTree,
    /// Per node of the tree: where its value is in the record.
    slots: Vec<Slot>,
    /// The keys of the record before, in order: most records repeat them (DESIGN 6).
    expected_keys: Vec<(Vec<u8>, Option<usize>)>,
    /// A path that the record's structure contradicts: its node and Redshift's text.
    mismatch: Option<(usize, &'static str)>,
    /// Strings with escapes, resolved, by column.
    unescaped: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    kind: SlotKind,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum SlotKind {
    #[default]
    Missing,
    Null,
    True,
    False,
    Number,
    Text,
    EscapedText,
    Nested,
}

/// Why a record is not taken.
#[derive(Debug)]
pub(crate) enum RecordError {
    /// It is no JSON; how far it reaches is not known.
    Syntax(JiterError),
    /// It is JSON up to the offset, but not of the structure that the paths expect.
    Mismatch {
        end: usize,
        /// The first column that cannot be reached.
        column: Option<usize>,
        reason: &'static str,
    },
}

impl From<JiterError> for RecordError {
    fn from(error: JiterError) -> Self {
        Self::Syntax(error)
    }
}

const NOT_AN_OBJECT: &str = "Invalid JSONPath format: Member is not an object.";
const NOT_AN_ELEMENT: &str = "Invalid JSONPath format: Not an array or index out of range.";

/// So many keys of a record are remembered.
const MAX_EXPECTED_KEYS: usize = 4096;

impl JsonReader {
    pub(crate) fn new(tree: PathTree) -> Self {
        Self {
            slots: vec![Slot::default(); tree.nodes.len()],
            unescaped: vec![Vec::new(); tree.columns.len()],
            tree,
            expected_keys: Vec::new(),
            mismatch: None,
        }
    }

    /// Reads the record that `bytes` begins with and returns its length.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<usize, RecordError> {
        self.slots.fill(Slot::default());
        self.mismatch = None;
        let mut jiter = Jiter::new(bytes);
        let peek = jiter.peek()?;
        self.value(&mut jiter, bytes, 0, peek)?;
        let end = jiter.current_index();
        if let Some((node, reason)) = self.mismatch {
            let column = self.tree.columns.iter().position(|column| self.is_below(*column, node));
            return Err(RecordError::Mismatch { end, column, reason });
        }
        for (column, &node) in self.tree.columns.iter().enumerate() {
            let slot = self.slots[node];
            if slot.kind == SlotKind::EscapedText {
                unescape(&bytes[slot.start + 1..slot.end - 1], &mut self.unescaped[column]);
            }
        }
        Ok(end)
    }

    /// The value of a column in the record just read, and its token as written.
    pub(crate) fn value_of<'a>(&'a self, column: usize, record: &'a [u8]) -> (Value<'a>, &'a [u8]) {
        let slot = self.slots[self.tree.columns[column]];
        let token = &record[slot.start..slot.end];
        let value = match slot.kind {
            SlotKind::Missing | SlotKind::Null => Value::Null,
            SlotKind::True => Value::Boolean(true),
            SlotKind::False => Value::Boolean(false),
            SlotKind::Number => Value::Number(Number(token)),
            SlotKind::Text => Value::Text(&token[1..token.len() - 1]),
            SlotKind::EscapedText => Value::Text(&self.unescaped[column]),
            SlotKind::Nested => Value::Nested(token),
        };
        (value, token)
    }

    fn value(
        &mut self,
        jiter: &mut Jiter<'_>,
        bytes: &[u8],
        node: usize,
        peek: Peek,
    ) -> Result<(), RecordError> {
        if self.slots[node].kind != SlotKind::Missing {
            // A repeated key: the last one wins, with all that is below it (RS 9 (7)).
            self.forget_below(node);
        }
        let start = jiter.current_index();
        let has_members = !self.tree.nodes[node].members.is_empty();
        let has_elements = !self.tree.nodes[node].elements.is_empty();
        let kind = match peek {
            Peek::Null => {
                jiter.known_null()?;
                SlotKind::Null
            }
            Peek::True | Peek::False => {
                if jiter.known_bool(peek)? {
                    SlotKind::True
                } else {
                    SlotKind::False
                }
            }
            Peek::String => {
                let text = jiter.known_bytes()?;
                if memchr(b'\\', text).is_some() { SlotKind::EscapedText } else { SlotKind::Text }
            }
            Peek::Object if has_members => {
                self.members(jiter, bytes, node)?;
                SlotKind::Nested
            }
            Peek::Array if has_elements => {
                self.elements(jiter, bytes, node)?;
                SlotKind::Nested
            }
            Peek::Object | Peek::Array => {
                jiter.known_skip(peek)?;
                SlotKind::Nested
            }
            _ => {
                jiter.known_number_bytes(peek)?;
                SlotKind::Number
            }
        };
        if kind != SlotKind::Null {
            if has_members && peek != Peek::Object {
                self.mismatch.get_or_insert((node, NOT_AN_OBJECT));
            }
            if has_elements && peek != Peek::Array {
                self.mismatch.get_or_insert((node, NOT_AN_ELEMENT));
            }
        }
        self.slots[node] = Slot { kind, start, end: jiter.current_index() };
        Ok(())
    }

    fn members(&mut self, jiter: &mut Jiter<'_>, bytes: &[u8], node: usize) -> Result<(), RecordError> {
        let mut position = 0;
        let mut key = jiter.next_object_bytes()?;
        while let Some(name) = key {
            let child = if node == 0 { self.expected_child(name, position) } else { self.child(node, name) };
            let peek = jiter.peek()?;
            match child {
                Some(child) => self.value(jiter, bytes, child, peek)?,
                None => jiter.known_skip(peek)?,
            }
            position += 1;
            key = jiter.next_key_bytes()?;
        }
        Ok(())
    }

    fn elements(&mut self, jiter: &mut Jiter<'_>, bytes: &[u8], node: usize) -> Result<(), RecordError> {
        let mut length = 0;
        let mut next = jiter.next_array()?;
        while let Some(peek) = next {
            match self.tree.nodes[node].elements.get(&length) {
                Some(&child) => self.value(jiter, bytes, child, peek)?,
                None => jiter.known_skip(peek)?,
            }
            length += 1;
            next = jiter.array_step()?;
        }
        if let Some((_, &child)) = self.tree.nodes[node].elements.iter().find(|(index, _)| **index >= length)
        {
            self.mismatch.get_or_insert((child, NOT_AN_ELEMENT));
        }
        Ok(())
    }

    /// The node of the record's key number `position`: compared with the record before, looked up else.
    fn expected_child(&mut self, name: &[u8], position: usize) -> Option<usize> {
        match self.expected_keys.get_mut(position) {
            Some((expected, child)) if *expected == name => return *child,
            _ => {}
        }
        let child = self.child(0, name);
        if position < self.expected_keys.len() {
            self.expected_keys[position] = (name.to_vec(), child);
        } else if position < MAX_EXPECTED_KEYS {
            self.expected_keys.push((name.to_vec(), child));
        }
        child
    }

    fn child(&self, node: usize, name: &[u8]) -> Option<usize> {
        let members = &self.tree.nodes[node].members;
        if memchr(b'\\', name).is_none() && !self.tree.ignore_case {
            return members.get(name).copied();
        }
        let mut key = Vec::new();
        unescape(name, &mut key);
        if self.tree.ignore_case {
            key = String::from_utf8_lossy(&key).to_lowercase().into_bytes();
        }
        members.get(key.as_slice()).copied()
    }

    fn forget_below(&mut self, node: usize) {
        let children: Vec<usize> = self.tree.children(node).collect();
        for child in children {
            self.slots[child] = Slot::default();
            self.forget_below(child);
        }
    }

    fn is_below(&self, node: usize, ancestor: usize) -> bool {
        node == ancestor || self.tree.children(ancestor).any(|child| self.is_below(node, child))
    }
}

/// Resolves the escapes of a string that jiter has accepted.
fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = raw;
    while let Some(backslash) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..backslash]);
        rest = &rest[backslash + 1..];
        let Some((&escape, behind)) = rest.split_first() else { return };
        rest = behind;
        match escape {
            b'b' => out.push(0x08),
            b'f' => out.push(0x0C),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (character, length) = unicode_escape(rest);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(length..).unwrap_or_default();
            }
            // `"`, `\` and `/`.
            other => out.push(other),
        }
    }
    out.extend_from_slice(rest);
}

/// The character of `XXXX` or of `XXXX\uXXXX`, a surrogate pair, and how many bytes that is.
fn unicode_escape(digits: &[u8]) -> (char, usize) {
    let unit = |from: usize| {
        let text = digits.get(from..from + 4).and_then(|digits| std::str::from_utf8(digits).ok());
        text.and_then(|text| u32::from_str_radix(text, 16).ok()).unwrap_or(0xFFFD)
    };
    let first = unit(0);
    let (code, length) = if (0xD800..0xDC00).contains(&first) {
        (0x10000 + ((first - 0xD800) << 10) + (unit(6).wrapping_sub(0xDC00) & 0x3FF), 10)
    } else {
        (first, 4)
    };
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), length)
}

#[cfg(test)]
mod tests;
