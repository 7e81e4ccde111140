//! `BINARY VARYING`, a name of VARBYTE (guide, "VARBYTE type"), as the type of a cast: sqlparser reads BINARY alone.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::dialect::is_word;

/// Puts VARBYTE in the place of the two words behind AS or `::`.
pub(crate) fn rename(tokens: &mut Vec<TokenWithSpan>) {
    if !tokens.iter().any(|t| is_word(&t.token, "binary")) {
        return;
    }
    let spoken: Vec<usize> =
        (0..tokens.len()).filter(|&at| !matches!(tokens[at].token, Token::Whitespace(_))).collect();
    for window in spoken.windows(3).rev() {
        let [before, first, second] = [window[0], window[1], window[2]];
        let opens_type = is_word(&tokens[before].token, "as") || tokens[before].token == Token::DoubleColon;
        if opens_type && is_word(&tokens[first].token, "binary") && is_word(&tokens[second].token, "varying")
        {
            let name = Word { value: "varbyte".to_owned(), quote_style: None, keyword: Keyword::NoKeyword };
            tokens[first].token = Token::Word(name);
            tokens.drain(first + 1..=second);
        }
    }
}
