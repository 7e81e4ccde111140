//! The word that a misspelled one most likely means, for hints.

/// The first candidate (upper case) that is one slip of the pen away from what was written.
pub(crate) fn nearest(written: &str, candidates: &[&'static str]) -> Option<&'static str> {
    let written = written.to_ascii_uppercase();
    candidates.iter().copied().find(|candidate| is_one_slip_away(candidate, &written))
}

/// Whether one character was left out, added, changed, or two neighbours swapped.
fn is_one_slip_away(right: &str, written: &str) -> bool {
    if right == written {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (right.chars().collect(), written.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    a.len() + b.len() <= 2 && a.len() <= 1 && b.len() <= 1
        || (a.len() == 2 && b.len() == 2 && a[0] == b[1] && a[1] == b[0])
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn one_slip_is_forgiven_two_are_not() {
        for written in ["intger", "inetger", "INTEGERS", "imteger"] {
            assert_eq!(nearest(written, &["INTEGER"]), Some("INTEGER"), "{written}");
        }
        for written in ["int", "integer", "inteeger2"] {
            assert_eq!(nearest(written, &["INTEGER"]), None, "{written}");
        }
    }
}
