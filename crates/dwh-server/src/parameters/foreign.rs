//! Values of types that PostgreSQL has and Redshift has not, as text.

use bytes::{Buf, Bytes};
use dwh_common::{RedshiftType, SqlError, SqlState, hex};

use super::{exact, from_binary};
use crate::types::{UUID, declared, element_of};

/// The text of a binary value of such a type; `None` for other types.
///
/// # Errors
/// 22P03 for bytes that are no value of the type.
pub(super) fn text(oid: u32, bytes: &Bytes) -> Result<Option<String>, SqlError> {
    match element_of(oid) {
        _ if oid == UUID => Ok(Some(uuid(exact(bytes, RedshiftType::MAX_VARCHAR)?))),
        Some(element) => array(element, bytes.clone()).map(Some),
        None => Ok(None),
    }
}

/// A UUID as PostgreSQL writes it, however the client wrote it; other texts as they are.
pub(super) fn written(oid: u32, text: String) -> String {
    let bytes = || hex::decode(text.replace('-', "")).and_then(|bytes| bytes.try_into().ok());
    match oid {
        UUID => bytes().map(uuid).unwrap_or(text),
        _ => text,
    }
}

/// The groups of digits that a UUID is written in.
fn uuid(bytes: [u8; 16]) -> String {
    let digits = hex::encode(bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// An array of one dimension as PostgreSQL writes it: `{"1",NULL,"a b"}`.
fn array(element: u32, mut bytes: Bytes) -> Result<String, SqlError> {
    let data_type = declared(element).unwrap_or(RedshiftType::MAX_VARCHAR);
    let number = |bytes: &mut Bytes| bytes.try_get_i32().map_err(|_| invalid());
    let (dimensions, _has_nulls, _element) = (number(&mut bytes)?, number(&mut bytes)?, number(&mut bytes)?);
    if dimensions == 0 {
        return Ok("{}".to_owned());
    }
    if dimensions != 1 {
        return Err(invalid());
    }
    let (count, _lower_bound) = (number(&mut bytes)?, number(&mut bytes)?);
    let mut elements = Vec::new();
    for _ in 0..count {
        let length = number(&mut bytes)?;
        elements.push(match usize::try_from(length) {
            Ok(length) if length <= bytes.len() => {
                let text = from_binary(data_type, bytes.split_to(length))?;
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Err(_) if length == -1 => "NULL".to_owned(),
            _ => return Err(invalid()),
        });
    }
    Ok(format!("{{{}}}", elements.join(",")))
}

fn invalid() -> SqlError {
    SqlError::new(SqlState::InvalidBinaryRepresentation, "incorrect binary data format of an array parameter")
        .with_hint("Arrays have one dimension here.")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{text, written};

    /// As psycopg 3 sends `UUID(int=5)` and `[1, None]`.
    #[test]
    fn uuids_and_arrays_become_their_text() {
        let of = |oid, bytes: &[u8]| text(oid, &Bytes::copy_from_slice(bytes));
        let uuid = [[0; 15].as_slice(), &[5]].concat();
        assert_eq!(of(2950, &uuid), Ok(Some("00000000-0000-0000-0000-000000000005".to_owned())));
        let array: Vec<u8> = [1, 1, 21, 2, 1, 2].iter().flat_map(|n: &i32| n.to_be_bytes()).collect();
        let array = [&array, &[0, 1][..], &(-1_i32).to_be_bytes()].concat();
        assert_eq!(of(1005, &array), Ok(Some("{\"1\",NULL}".to_owned())));
        for cut in 0..array.len() {
            assert!(of(1005, &array[..cut]).is_err(), "{cut}");
        }
        assert_eq!(of(23, &[0, 0, 0, 1]), Ok(None));
        let digits = "123456789ABCDEF0123456789abcdef0";
        assert_eq!(written(2950, digits.to_owned()), "12345678-9abc-def0-1234-56789abcdef0");
        assert_eq!(written(1043, digits.to_owned()), digits);
    }
}
