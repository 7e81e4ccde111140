//! Lists in portions: MaxResults and NextToken.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::error::ApiError;

/// Where a list goes on.
///
/// # Errors
/// The token is none of ours.
pub(super) fn read_token(token: Option<&str>) -> Result<Option<u64>, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let decoded = BASE64.decode(token).ok().and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
    decoded.map(Some).ok_or_else(|| ApiError::validation("the NextToken is not valid"))
}

pub(super) fn token(next: u64) -> String {
    BASE64.encode(next.to_be_bytes())
}

/// The next portion of a list, and the token of the one after it.
///
/// # Errors
/// The token is none of ours, or so many are not given at once.
pub(super) fn portion<T>(
    items: Vec<T>,
    max_results: Option<i64>,
    most: i64,
    next_token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let count = count(max_results, most)?;
    let start = usize::try_from(read_token(next_token)?.unwrap_or(0)).unwrap_or(usize::MAX);
    let all = items.len();
    let portion: Vec<T> = items.into_iter().skip(start).take(count).collect();
    let end = start.saturating_add(portion.len());
    Ok((portion, (end < all).then(|| token(end as u64))))
}

/// How many are given at once; 0 is as many as there may be.
///
/// # Errors
/// It is out of range.
pub(super) fn count(max_results: Option<i64>, most: i64) -> Result<usize, ApiError> {
    let asked = max_results.unwrap_or(0);
    if !(0..=most).contains(&asked) {
        return Err(ApiError::validation(format!("MaxResults is 0 to {most}, not {asked}")));
    }
    Ok(usize::try_from(if asked == 0 { most } else { asked }).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::portion;

    #[test]
    fn portions_join_to_the_whole_list() {
        let mut all = Vec::new();
        let mut next = None;
        loop {
            let (items, token) = portion((0..7).collect(), Some(3), 1000, next.as_deref()).expect("valid");
            all.extend(items);
            next = token;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(all, (0..7).collect::<Vec<_>>());
        assert!(portion(vec![1], Some(1001), 1000, None).is_err());
        assert!(portion(vec![1], None, 1000, Some("nonsense")).is_err());
    }
}
