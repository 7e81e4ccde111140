//! Object unpivoting in FROM, `UNPIVOT expr AS value AT attribute` (AWS guide, "Querying semi-structured
//! data"), and `UNNEST(…) WITH OFFSET`, in words that sqlparser reads: the path gets a first part that marks it, and
//! WITH OFFSET is dropped, or becomes the name of a second column where only the first one has a name.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::dialect::is_word;

/// First part of the name of a relation that unpivots the path behind it. No table can be called so: it has
/// a capital letter, which names are folded out of, and a blank.
pub(crate) const UNPIVOT_MARK: &str = "Unpivot of";

/// Replaces the keyword in front of a path by the mark. UNPIVOT as an operator on a table stays: it stands
/// behind a table, not behind FROM, a comma or JOIN.
pub(crate) fn mark_unpivoted_paths(tokens: &mut Vec<TokenWithSpan>) {
    let mut at = 0;
    let mut before: Option<Token> = None;
    while at < tokens.len() {
        if is_word(&tokens[at].token, "unpivot")
            && before.as_ref().is_some_and(opens_relation)
            && next_says(&tokens[at + 1..]).is_some_and(|next| matches!(next, Token::Word(_)))
        {
            let span = tokens[at].span;
            let mark =
                Word { value: UNPIVOT_MARK.to_owned(), quote_style: Some('"'), keyword: Keyword::NoKeyword };
            tokens[at].token = Token::Word(mark);
            // The blank between keyword and path becomes the point of a compound name.
            tokens[at + 1] = TokenWithSpan { token: Token::Period, span };
            let rest =
                tokens[at + 2..].iter().take_while(|t| matches!(t.token, Token::Whitespace(_))).count();
            tokens.drain(at + 2..at + 2 + rest);
        }
        if !matches!(tokens[at].token, Token::Whitespace(_)) {
            before = Some(tokens[at].token.clone());
        }
        at += 1;
    }
}

/// The name of the positions that have none.
const OFFSET_COLUMN: &str = "offset_col";

/// Takes `WITH OFFSET` out of `UNNEST(array) WITH OFFSET AS alias (value, position)`: the second column says as much.
pub(crate) fn drop_unnest_offset(tokens: &mut Vec<TokenWithSpan>) {
    let mut depths: Vec<bool> = Vec::new();
    let mut before: Option<Token> = None;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at].token {
            Token::LParen => depths.push(before.as_ref().is_some_and(|token| is_word(token, "unnest"))),
            Token::RParen if depths.pop() == Some(true) => {
                let solid: Vec<usize> = (at + 1..tokens.len())
                    .filter(|index| !matches!(tokens[*index].token, Token::Whitespace(_)))
                    .take(2)
                    .collect();
                if let [with, offset] = solid[..]
                    && is_word(&tokens[with].token, "with")
                    && is_word(&tokens[offset].token, "offset")
                {
                    tokens.drain(with..=offset);
                    name_offset(tokens, with);
                }
            }
            _ => {}
        }
        if !matches!(tokens[at].token, Token::Whitespace(_)) {
            before = Some(tokens[at].token.clone());
        }
        at += 1;
    }
}

/// `AS alias (value)` → `AS alias (value, offset_col)`.
fn name_offset(tokens: &mut Vec<TokenWithSpan>, from: usize) {
    let solid: Vec<usize> = (from..tokens.len())
        .filter(|index| !matches!(tokens[*index].token, Token::Whitespace(_)))
        .take(5)
        .collect();
    let named = usize::from(solid.first().is_some_and(|first| is_word(&tokens[*first].token, "as")));
    if let Some([alias, open, value, close]) = solid.get(named..named + 4)
        && matches!(tokens[*alias].token, Token::Word(_))
        && tokens[*open].token == Token::LParen
        && matches!(tokens[*value].token, Token::Word(_))
        && tokens[*close].token == Token::RParen
    {
        let span = tokens[*close].span;
        let name = Word { value: OFFSET_COLUMN.to_owned(), quote_style: None, keyword: Keyword::NoKeyword };
        let more = [Token::Comma, Token::Word(name)].map(|token| TokenWithSpan { token, span });
        tokens.splice(*close..*close, more);
    }
}

fn next_says(tokens: &[TokenWithSpan]) -> Option<&Token> {
    tokens.iter().map(|t| &t.token).find(|token| !matches!(token, Token::Whitespace(_)))
}

fn opens_relation(token: &Token) -> bool {
    *token == Token::Comma || is_word(token, "from") || is_word(token, "join")
}
