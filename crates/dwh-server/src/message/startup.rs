//! What a client sends first: a packet without a type byte (RS 5.1).

use bytes::Bytes;
use dwh_common::SqlError;

use super::{Reader, protocol_violation};

/// The first packet of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Startup {
    /// May the rest be TLS?
    Tls,
    /// May the rest be encrypted by GSSAPI? The answer is no.
    Gss,
    /// End what runs in another session.
    Cancel { process_id: i32, secret: i32 },
    /// Start a session.
    Start { minor_version: u16, parameters: Vec<(String, String)> },
}

const CANCEL: u32 = 80_877_102;
const TLS: u32 = 80_877_103;
const GSS: u32 = 80_877_104;
const MAJOR_VERSION: u32 = 3;

impl Startup {
    /// Reads the packet's body, which is behind its length.
    ///
    /// # Errors
    /// 08P01 for another protocol and for bodies that are cut.
    pub(crate) fn read(body: Bytes) -> Result<Self, SqlError> {
        let mut body = Reader::new(body);
        match body.u32()? {
            TLS => Ok(Self::Tls),
            GSS => Ok(Self::Gss),
            CANCEL => Ok(Self::Cancel { process_id: body.i32()?, secret: body.i32()? }),
            version if version >> 16 == MAJOR_VERSION => {
                let mut parameters = Vec::new();
                loop {
                    let name = body.text()?;
                    if name.is_empty() {
                        break;
                    }
                    parameters.push((name, body.text()?));
                }
                Ok(Self::Start { minor_version: (version & 0xffff) as u16, parameters })
            }
            version => Err(protocol_violation(format!(
                "unsupported frontend protocol {}.{}: server supports 3.0",
                version >> 16,
                version & 0xffff
            ))),
        }
    }
}

/// The settings in a start-up packet's `options`: `-c name=value` and `--name=value`; `\ ` is a blank
/// inside a value.
pub(crate) fn command_line_settings(options: &str) -> Vec<(String, String)> {
    let mut words = vec![String::new()];
    let mut chars = options.chars();
    while let Some(ch) = chars.next() {
        let ch = match ch {
            '\\' => chars.next(),
            blank if blank.is_whitespace() => None,
            other => Some(other),
        };
        match (ch, words.last_mut()) {
            (Some(ch), Some(word)) => word.push(ch),
            _ => words.push(String::new()),
        }
    }
    let mut settings = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("-c").or_else(|| word.strip_prefix("--")) {
            Some("") => words.next(),
            Some(rest) => Some(rest.to_owned()),
            None => None,
        };
        if let Some((name, value)) = setting.as_deref().and_then(|setting| setting.split_once('=')) {
            settings.push((name.replace('-', "_"), value.to_owned()));
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Startup, command_line_settings};

    #[test]
    fn the_first_packets_are_told_apart() {
        let read = |body: &'static [u8]| Startup::read(Bytes::from_static(body)).ok();
        assert_eq!(read(b"\x04\xd2\x16\x2f"), Some(Startup::Tls));
        assert_eq!(read(b"\x04\xd2\x16\x30"), Some(Startup::Gss));
        let cancel = Startup::Cancel { process_id: 7, secret: 9 };
        assert_eq!(read(b"\x04\xd2\x16\x2e\0\0\0\x07\0\0\0\x09"), Some(cancel));
        let parameters = vec![("user".to_owned(), "ada".to_owned())];
        let start = Startup::Start { minor_version: 0, parameters };
        assert_eq!(read(b"\0\x03\0\0user\0ada\0\0"), Some(start));
        for wrong in [&b"\0\x02\0\0"[..], b"\0\x03\0\0user\0ada", b"\x04\xd2\x16\x2e\0\0", b"\0"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn options_are_read_as_on_a_command_line() {
        let settings =
            command_line_settings(r"-c search_path=a,b --query-group=x\ y -cstatement_timeout=5 -B 3");
        let expected = [("search_path", "a,b"), ("query_group", "x y"), ("statement_timeout", "5")];
        assert_eq!(settings, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
