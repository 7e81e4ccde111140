use std::fmt;

use subtle::ConstantTimeEq;

/// A value that must never be printed, logged or stored: it shows as asterisks everywhere.
///
/// Reading it takes [`Secret::expose`], so that every place that does is easy to find. Comparing two takes a time that
/// depends on their lengths only.
#[derive(Clone, Default, Eq)]
pub struct Secret(String);

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_never_prints_its_value() {
        let secret = Secret::new("wJalrXUtnFEMI");
        assert_eq!(format!("{secret} {secret:?}"), "**** Secret(****)");
        assert_eq!(secret.expose(), "wJalrXUtnFEMI");
    }

    #[test]
    fn secrets_are_equal_when_their_values_are() {
        let secret = Secret::new("wJalrXUtnFEMI");
        assert_eq!(secret, Secret::new("wJalrXUtnFEMI"));
        for other in ["wJalrXUtnFEMJ", "wJalrXUtnFEM", "wJalrXUtnFEMII", ""] {
            assert_ne!(secret, Secret::new(other));
        }
    }
}
