//! What the server sends. Each function appends one whole message to a buffer.

use arrow::datatypes::SchemaRef;
use bytes::{BufMut, BytesMut};
use dwh_common::SqlError;
use dwh_engine::{Notice, Severity, TransactionStatus};

use super::Format;
use crate::types::WireType;

/// A message of the type `tag`; its length is put in when its body is there.
pub(crate) fn message(out: &mut BytesMut, tag: u8, body: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    let start = out.len();
    out.put_i32(0);
    body(out);
    let length = i32::try_from(out.len() - start).unwrap_or(i32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn text(out: &mut BytesMut, text: &str) {
    // A zero byte would end the text early.
    out.extend(text.bytes().map(|byte| if byte == 0 { b' ' } else { byte }));
    out.put_u8(0);
}

/// The questions of authentication.
pub(crate) enum Authentication<'a> {
    Ok,
    CleartextPassword,
    Md5Password {
        salt: [u8; 4],
    },
    /// Redshift's own (RS 5.1): algorithm, salt and nonce.
    Digest {
        algorithm: i32,
        salt: &'a [u8],
        nonce: &'a [u8],
    },
    Sasl {
        mechanism: &'a str,
    },
    SaslContinue(&'a str),
    SaslFinal(&'a str),
}

pub(crate) fn authentication(out: &mut BytesMut, question: &Authentication<'_>) {
    message(out, b'R', |out| match question {
        Authentication::Ok => out.put_i32(0),
        Authentication::CleartextPassword => out.put_i32(3),
        Authentication::Digest { algorithm, salt, nonce } => {
            out.put_i32(13);
            out.put_i32(*algorithm);
            for part in [salt, nonce] {
                out.put_i32(i32::try_from(part.len()).unwrap_or(i32::MAX));
                out.put_slice(part);
            }
        }
        Authentication::Md5Password { salt } => {
            out.put_i32(5);
            out.put_slice(salt);
        }
        Authentication::Sasl { mechanism } => {
            out.put_i32(10);
            text(out, mechanism);
            out.put_u8(0);
        }
        Authentication::SaslContinue(data) => {
            out.put_i32(11);
            out.put_slice(data.as_bytes());
        }
        Authentication::SaslFinal(data) => {
            out.put_i32(12);
            out.put_slice(data.as_bytes());
        }
    });
}

/// The server speaks 3.0, whatever later version the client asked for.
pub(crate) fn negotiate_version(out: &mut BytesMut) {
    message(out, b'v', |out| {
        out.put_i32(3 << 16);
        out.put_i32(0);
    });
}

pub(crate) fn parameter_status(out: &mut BytesMut, name: &str, value: &str) {
    message(out, b'S', |out| {
        text(out, name);
        text(out, value);
    });
}

pub(crate) fn backend_key_data(out: &mut BytesMut, process_id: i32, secret: i32) {
    message(out, b'K', |out| {
        out.put_i32(process_id);
        out.put_i32(secret);
    });
}

pub(crate) fn ready_for_query(out: &mut BytesMut, status: TransactionStatus) {
    message(out, b'Z', |out| {
        out.put_u8(match status {
            TransactionStatus::Idle => b'I',
            TransactionStatus::InBlock => b'T',
            TransactionStatus::Failed => b'E',
        });
    });
}

pub(crate) fn row_description(out: &mut BytesMut, rows: &SchemaRef, formats: &[Format]) {
    message(out, b'T', |out| {
        out.put_u16(u16::try_from(rows.fields().len()).unwrap_or(u16::MAX));
        for (field, format) in rows.fields().iter().zip(formats) {
            let wire = WireType::of_field(field);
            text(out, field.name());
            // No column of a result is traced to a table.
            out.put_u32(0);
            out.put_i16(0);
            out.put_u32(wire.oid);
            out.put_i16(wire.length);
            out.put_i32(wire.modifier);
            out.put_i16(format.code());
        }
    });
}

pub(crate) fn parameter_description(out: &mut BytesMut, oids: &[u32]) {
    message(out, b't', |out| {
        out.put_u16(u16::try_from(oids.len()).unwrap_or(u16::MAX));
        oids.iter().for_each(|oid| out.put_u32(*oid));
    });
}

pub(crate) fn command_complete(out: &mut BytesMut, tag: &str) {
    message(out, b'C', |out| text(out, tag));
}

pub(crate) fn parse_complete(out: &mut BytesMut) {
    message(out, b'1', |_| {});
}

pub(crate) fn bind_complete(out: &mut BytesMut) {
    message(out, b'2', |_| {});
}

pub(crate) fn close_complete(out: &mut BytesMut) {
    message(out, b'3', |_| {});
}

pub(crate) fn no_data(out: &mut BytesMut) {
    message(out, b'n', |_| {});
}

pub(crate) fn portal_suspended(out: &mut BytesMut) {
    message(out, b's', |_| {});
}

pub(crate) fn empty_query(out: &mut BytesMut) {
    message(out, b'I', |_| {});
}

pub(crate) fn notice(out: &mut BytesMut, notice: &Notice) {
    let (severity, code) = match notice.severity {
        Severity::Info => ("INFO", "00000"),
        Severity::Notice => ("NOTICE", "00000"),
        Severity::Warning => ("WARNING", "01000"),
    };
    message(out, b'N', |out| {
        for (field, value) in [(b'S', severity), (b'C', code), (b'M', &notice.message)] {
            out.put_u8(field);
            text(out, value);
        }
        out.put_u8(0);
    });
}

/// An error that the connection survives.
pub(crate) fn error(out: &mut BytesMut, error: &SqlError) {
    error_response(out, "ERROR", error);
}

/// An error that ends the connection.
pub(crate) fn fatal(out: &mut BytesMut, error: &SqlError) {
    error_response(out, "FATAL", error);
}

fn error_response(out: &mut BytesMut, severity: &str, error: &SqlError) {
    let position = error.position.map(|position| position.to_string());
    let fields = [
        (b'S', Some(severity)),
        (b'C', Some(error.state.code())),
        (b'M', Some(error.message.as_str())),
        (b'D', error.detail.as_deref()),
        (b'H', error.hint.as_deref()),
        (b'P', position.as_deref()),
        (b'W', error.context.as_deref()),
    ];
    message(out, b'E', |out| {
        for (field, value) in fields {
            if let Some(value) = value {
                out.put_u8(field);
                text(out, value);
            }
        }
        out.put_u8(0);
    });
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use dwh_common::{SqlError, SqlState};

    #[test]
    fn an_error_has_its_fields_and_its_length() {
        let mut out = BytesMut::new();
        let error = SqlError::new(SqlState::UndefinedTable, "no t").with_hint("make it").at(15);
        super::error(&mut out, &error);
        assert_eq!(&out[..], b"E\0\0\0\x26SERROR\0C42P01\0Mno t\0Hmake it\0P15\0\0".as_slice());
    }
}
