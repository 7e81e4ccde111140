//! `OBJECT_TRANSFORM(object KEEP path, … SET path, value, …)` (AWS guide, page of this name) in words that
//! sqlparser reads: KEEP and SET become arguments of their own.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::dialect::is_word;

/// The argument in place of KEEP; no path looks like it.
pub const KEEP_MARK: &str = "\u{1}keep";
/// The argument in place of SET.
pub const SET_MARK: &str = "\u{1}set";

/// Replaces the two words inside calls of the function.
pub(crate) fn mark_clauses(tokens: &mut Vec<TokenWithSpan>) {
    if !tokens.iter().any(|t| is_word(&t.token, "object_transform")) {
        return;
    }
    let mut marked = Vec::with_capacity(tokens.len() + 8);
    // For each parenthesis that is open, whether it is that of a call.
    let mut calls: Vec<bool> = Vec::new();
    let mut after_name = false;
    for TokenWithSpan { token, span } in std::mem::take(tokens) {
        let mark = match &token {
            token if calls.last() == Some(&true) && is_word(token, "keep") => Some(KEEP_MARK),
            token if calls.last() == Some(&true) && is_word(token, "set") => Some(SET_MARK),
            _ => None,
        };
        match &token {
            Token::LParen => calls.push(after_name),
            Token::RParen => {
                calls.pop();
            }
            _ => {}
        }
        if !matches!(token, Token::Whitespace(_)) {
            after_name = is_word(&token, "object_transform");
        }
        match mark {
            Some(mark) => marked.extend(
                [Token::Comma, Token::SingleQuotedString(mark.to_owned()), Token::Comma]
                    .map(|token| TokenWithSpan { token, span }),
            ),
            None => marked.push(TokenWithSpan { token, span }),
        }
    }
    *tokens = marked;
}
