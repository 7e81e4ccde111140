//! Lists in portions: MaxResults and NextToken.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;

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

/// Which portion of a list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Paging {
    next_token: Option<String>,
    max_results: Option<i64>,
}

impl Paging {
    /// The portion of a list, and the token of the one after it.
    ///
    /// # Errors
    /// The token is none of ours, or so many are not given at once.
    pub(super) fn portion<T>(&self, items: Vec<T>, most: i64) -> Result<(Vec<T>, Option<String>), ApiError> {
        let count = self.count(most)?;
        let start = usize::try_from(self.start()?.unwrap_or(0)).unwrap_or(usize::MAX);
        let all = items.len();
        let portion: Vec<T> = items.into_iter().skip(start).take(count).collect();
        let end = start.saturating_add(portion.len());
        Ok((portion, (end < all).then(|| token(end as u64))))
    }

    /// Where the list goes on; `None` for its beginning.
    ///
    /// # Errors
    /// The token is none of ours.
    pub(super) fn start(&self) -> Result<Option<u64>, ApiError> {
        read_token(self.next_token.as_deref())
    }

    /// How many are given at once; 0 is as many as there may be.
    ///
    /// # Errors
    /// It is out of range.
    pub(super) fn count(&self, most: i64) -> Result<usize, ApiError> {
        let asked = self.max_results.unwrap_or(0);
        if !(0..=most).contains(&asked) {
            return Err(ApiError::validation(format!("MaxResults is 0 to {most}, not {asked}")));
        }
        Ok(usize::try_from(if asked == 0 { most } else { asked }).unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::Paging;

    #[test]
    fn portions_join_to_the_whole_list() {
        let mut all = Vec::new();
        let mut next = None;
        loop {
            let paging = Paging { next_token: next, max_results: Some(3) };
            let (items, token) = paging.portion((0..7).collect(), 1000).expect("valid");
            all.extend(items);
            next = token;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(all, (0..7).collect::<Vec<_>>());
        let too_many = Paging { max_results: Some(1001), ..Paging::default() };
        assert!(too_many.portion(vec![1], 1000).is_err());
        let nonsense = Paging { next_token: Some("nonsense".to_owned()), ..Paging::default() };
        assert!(nonsense.portion(vec![1], 1000).is_err());
    }
}
