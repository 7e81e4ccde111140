//! JSON values: no document is built, values that no column wants are skipped, and what a column wants
//! is remembered as a range of the record. Records like those before go the quick way; all others are
//! read token by token with jiter.

use jiter::{Jiter, JiterError, Peek};

use super::quick::{QuickReader, has_escape};
use crate::convert::{Number, Value, unescape};
use crate::jsonpaths::PathTree;

/// Takes the wanted values out of records. Keeps what it learned of one for the next.
pub(super) struct JsonReader {
    tree: PathTree,
    /// `None` if the paths go deeper than it reads.
    quick: Option<QuickReader>,
    /// A path that the record's structure contradicts: its node and Redshift's text.
    mismatch: Option<(usize, &'static str)>,
}

/// Where a value is in its record; there is one slot a node of the tree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    pub(super) kind: SlotKind,
    /// Offsets in the record, which is never longer than 4 MB when its values are used.
    pub(super) start: u32,
    pub(super) end: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum SlotKind {
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
pub(super) enum RecordError {
    /// It begins as neither an object nor an array.
    Foreign,
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

impl JsonReader {
    pub(super) fn new(tree: PathTree) -> Self {
        Self { quick: QuickReader::serves(&tree).then(QuickReader::default), tree, mismatch: None }
    }

    /// A reader that takes all records the general way.
    #[cfg(test)]
    pub(super) fn without_quick_way(tree: PathTree) -> Self {
        Self { quick: None, ..Self::new(tree) }
    }

    /// Slots of a record.
    pub(super) fn slot_count(&self) -> usize {
        self.tree.nodes.len()
    }

    /// Reads the record that `bytes` begins with into its slots and returns its length.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(super) fn read(&mut self, bytes: &[u8], slots: &mut [Slot]) -> Result<usize, RecordError> {
        self.mismatch = None;
        let end = match self.read_quickly(bytes, slots) {
            Some(end) => end,
            None => self.read_any(bytes, slots)?,
        };
        if let Some((node, reason)) = self.mismatch {
            let column = self.tree.columns.iter().position(|column| self.is_below(*column, node));
            return Err(RecordError::Mismatch { end, column, reason });
        }
        Ok(end)
    }

    /// Reads a record like those before, unless the paths go deeper.
    fn read_quickly(&mut self, bytes: &[u8], slots: &mut [Slot]) -> Option<usize> {
        let quick = self.quick.as_mut()?;
        slots.fill(Slot::default());
        quick.read(&self.tree, slots, bytes)
    }

    /// Reads any record.
    fn read_any(&mut self, bytes: &[u8], slots: &mut [Slot]) -> Result<usize, RecordError> {
        slots.fill(Slot::default());
        let mut jiter = Jiter::new(bytes);
        let peek = jiter.peek()?;
        self.value(&mut jiter, slots, 0, peek)?;
        Ok(jiter.current_index())
    }

    /// The value of a column in the record that was read at an offset of `bytes`, and its token as written.
    ///
    /// `text` is the bytes as text, if they are known to be UTF-8.
    #[inline(always)]
    pub(super) fn value_of<'a>(
        &self,
        column: usize,
        slots: &[Slot],
        offset: usize,
        bytes: &'a [u8],
        text: Option<&'a str>,
    ) -> (Value<'a>, &'a [u8]) {
        let slot = slots[self.tree.columns[column]];
        let (start, end) = (offset + slot.start as usize, offset + slot.end as usize);
        let token = &bytes[start..end];
        let value = match slot.kind {
            SlotKind::Missing | SlotKind::Null => Value::Null,
            SlotKind::True => Value::Boolean(true),
            SlotKind::False => Value::Boolean(false),
            SlotKind::Number => Value::Number(Number(token)),
            // No control character is left in a string without escapes, thus no NUL.
            SlotKind::Text => match text.and_then(|text| text.get(start + 1..end - 1)) {
                Some(text) => Value::Utf8(text),
                None => Value::Text(&token[1..token.len() - 1]),
            },
            SlotKind::EscapedText => Value::Escaped(&token[1..token.len() - 1]),
            SlotKind::Nested => Value::Nested(token),
        };
        (value, token)
    }

    fn value(
        &mut self,
        jiter: &mut Jiter<'_>,
        slots: &mut [Slot],
        node: usize,
        peek: Peek,
    ) -> Result<(), RecordError> {
        if slots[node].kind != SlotKind::Missing {
            // A repeated key: the last one wins, with all that is below it (RS 9 (7)).
            self.forget_below(slots, node);
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
                if has_escape(text) { SlotKind::EscapedText } else { SlotKind::Text }
            }
            Peek::Object if has_members => {
                self.members(jiter, slots, node)?;
                SlotKind::Nested
            }
            Peek::Array if has_elements => {
                self.elements(jiter, slots, node)?;
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
        // Longer records are refused before their values are used.
        let offset = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        slots[node] = Slot { kind, start: offset(start), end: offset(jiter.current_index()) };
        Ok(())
    }

    fn members(&mut self, jiter: &mut Jiter<'_>, slots: &mut [Slot], node: usize) -> Result<(), RecordError> {
        let mut key = jiter.next_object_bytes()?;
        while let Some(name) = key {
            let child = self.child(node, name);
            let peek = jiter.peek()?;
            match child {
                Some(child) => self.value(jiter, slots, child, peek)?,
                None => jiter.known_skip(peek)?,
            }
            key = jiter.next_key_bytes()?;
        }
        Ok(())
    }

    fn elements(
        &mut self,
        jiter: &mut Jiter<'_>,
        slots: &mut [Slot],
        node: usize,
    ) -> Result<(), RecordError> {
        let mut length = 0;
        let mut next = jiter.next_array()?;
        while let Some(peek) = next {
            match self.tree.nodes[node].elements.get(&length) {
                Some(&child) => self.value(jiter, slots, child, peek)?,
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

    fn child(&self, node: usize, name: &[u8]) -> Option<usize> {
        if !has_escape(name) {
            return self.tree.member(node, name);
        }
        let mut key = Vec::new();
        unescape(name, &mut key);
        self.tree.member(node, &key)
    }

    fn forget_below(&self, slots: &mut [Slot], node: usize) {
        for child in self.tree.children(node) {
            slots[child] = Slot::default();
            self.forget_below(slots, child);
        }
    }

    fn is_below(&self, node: usize, ancestor: usize) -> bool {
        node == ancestor || self.tree.children(ancestor).any(|child| self.is_below(node, child))
    }
}

#[cfg(test)]
mod tests;
