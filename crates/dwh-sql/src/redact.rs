//! Masks credentials in statement text before it is logged, shown or stored (RS 1.4).
//!
//! Works on any text, also on text that does not parse: a statement with a typo carries the same secrets.

/// Words whose string argument is secret as a whole.
const SECRET_WORDS: &[&str] =
    &["access_key_id", "secret_access_key", "session_token", "token", "master_symmetric_key", "password"];

/// Keys of a CREDENTIALS string whose value is secret; `aws_iam_role` is none.
const SECRET_KEYS: &[&str] =
    &["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "token", "master_symmetric_key"];

const MASK: &str = "****";

/// The text with every secret replaced by `****`.
pub fn redact(sql: &str) -> String {
    let mut result = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut behind_word_char = false;
    while let Some(ch) = rest.chars().next() {
        let word_length = if behind_word_char { 0 } else { word_length(rest) };
        if word_length > 0 {
            let (word, behind) = rest.split_at(word_length);
            let quoted = result.ends_with('\'');
            result.push_str(word);
            // A quote right behind a word that a quote opened closes it: 'token'.
            rest = if quoted && behind.starts_with('\'') {
                behind
            } else {
                mask_argument(&word.to_ascii_lowercase(), behind, &mut result)
            };
            behind_word_char = true;
            continue;
        }
        behind_word_char = is_word_char(ch);
        result.push(ch);
        rest = &rest[ch.len_utf8()..];
    }
    result
}

fn is_word_char(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || ch == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|ch| !is_word_char(ch)).unwrap_or(text.len())
}

/// Masks what belongs to a word; gives back what is left to read.
fn mask_argument<'a>(word: &str, behind: &'a str, result: &mut String) -> &'a str {
    if SECRET_KEYS.contains(&word)
        && let Some(value) = behind.strip_prefix('=')
        && !value.starts_with('\'')
    {
        let end = value.find([';', '\'', '"', ' ', '\t', '\n', '\r']).unwrap_or(value.len());
        result.push('=');
        result.push_str(MASK);
        return &value[end..];
    }
    let is_credentials = word == "credentials";
    if !is_credentials && !SECRET_WORDS.contains(&word) {
        return behind;
    }
    let gap = gap_length(behind);
    let (between, argument) = behind.split_at(gap);
    let Some(body) = argument.strip_prefix('\'') else { return behind };
    // The keys inside a well-formed CREDENTIALS string are masked one by one, so that a role stays readable.
    if is_credentials && body.starts_with("aws_") {
        return behind;
    }
    let end = string_end(body);
    result.push_str(between);
    result.push('\'');
    result.push_str(MASK);
    result.push('\'');
    body.get(end + 1..).unwrap_or("")
}

/// White space, comments, `=` and AS between a word and its argument.
fn gap_length(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches(|ch: char| ch.is_whitespace() || ch == '=');
        let mut step = rest.len() - trimmed.len();
        if trimmed.starts_with("--") {
            step += trimmed.find('\n').unwrap_or(trimmed.len());
        } else if trimmed.starts_with("/*") {
            step += trimmed.find("*/").map_or(trimmed.len(), |end| end + 2);
        } else if word_length(trimmed) == 2 && trimmed[..2].eq_ignore_ascii_case("as") {
            step += 2;
        }
        if step == 0 {
            return at;
        }
        at += step;
    }
}

/// Where a string's closing quote is, escapes and doubled quotes considered; the end if it is not closed.
fn string_end(body: &str) -> usize {
    let mut chars = body.char_indices().peekable();
    while let Some((index, ch)) = chars.next() {
        match ch {
            '\\' => {
                chars.next();
            }
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
            }
            '\'' => return index,
            _ => {}
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn every_spelling_of_credentials_is_masked() {
        let cases = [
            (
                "COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=AKIA1;aws_secret_access_key=s3/cr+t;token=tk' JSON 'auto'",
                "COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=****;aws_secret_access_key=****;token=****' JSON 'auto'",
            ),
            (
                "copy t from 's3://b/k' access_key_id 'AKIA' secret_access_key as 'x''y' session_token 'z'",
                "copy t from 's3://b/k' access_key_id '****' secret_access_key as '****' session_token '****'",
            ),
            ("… TOKEN /* the token */ 'abc' …", "… TOKEN /* the token */ '****' …"),
            ("CREATE USER u PASSWORD 'hunter2'", "CREATE USER u PASSWORD '****'"),
            ("… MASTER_SYMMETRIC_KEY AS 'abc\\'def' GZIP", "… MASTER_SYMMETRIC_KEY AS '****' GZIP"),
            ("credentials 'AKIAwhatever'", "credentials '****'"),
        ];
        for (text, masked) in cases {
            assert_eq!(redact(text), masked);
        }
    }

    #[test]
    fn text_that_does_not_parse_is_masked_too() {
        assert_eq!(redact("COPPY t SECRET_ACCESS_KEY 'abc"), "COPPY t SECRET_ACCESS_KEY '****'");
        assert_eq!(redact("aws_secret_access_key=abc def"), "aws_secret_access_key=**** def");
    }

    #[test]
    fn roles_and_ordinary_text_stay() {
        for text in [
            "COPY t FROM 's3://b/k' CREDENTIALS 'aws_iam_role=arn:aws:iam::1:role/r' JSON 'auto'",
            "SELECT token, password FROM tokens WHERE name = 'token'",
            "IAM_ROLE 'arn:aws:iam::1:role/r'",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
