use super::FieldError;
use super::text::check_utf8;

/// SUPER: the JSON text of the value, as written.
pub(super) fn convert(token: &[u8]) -> Result<&str, FieldError> {
    check_utf8(token)
}
