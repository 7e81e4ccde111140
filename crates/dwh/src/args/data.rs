//! Arguments of `dwh generate` and `dwh compact`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Folder to write log_data/, song_data/ and log_json_path.json to
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Log events in all
    #[arg(long, value_name = "COUNT")]
    pub(crate) events: Option<u64>,
    /// Song files
    #[arg(long, value_name = "COUNT")]
    pub(crate) songs: Option<u32>,
    /// Users
    #[arg(long, value_name = "COUNT")]
    pub(crate) users: Option<u32>,
    /// Days, one log file each
    #[arg(long, value_name = "COUNT")]
    pub(crate) days: Option<u32>,
    /// First day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) start_date: Option<chrono::NaiveDate>,
    /// Seed; equal seeds and sizes give equal bytes
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    /// Prefix of the objects, s3://bucket/prefix or a path, as COPY reads it; nothing in it is changed
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// Folder for the new objects and their manifest, s3://bucket/folder or a path, outside the source
    #[arg(value_name = "TARGET")]
    pub(crate) destination: String,
    /// JSON in one new object, before compression: a number with KB, MB or GB
    #[arg(long, value_name = "SIZE", default_value = "64MB")]
    pub(crate) size: ByteSize,
    /// Slices of the cluster; the number of new objects is a multiple of it
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["node_type", "nodes"],
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) slices: Option<u32>,
    /// Node type to take the slices of [default: DWH_NODE_TYPE of dwh.cfg]
    #[arg(long, value_name = "TYPE")]
    pub(crate) node_type: Option<String>,
    /// Nodes of the cluster [default: DWH_NUM_NODES of dwh.cfg]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) nodes: Option<u32>,
    /// Compression of the new objects; the COPY names it
    #[arg(long, value_enum, default_value_t = ObjectCompression::Gzip)]
    pub(crate) compression: ObjectCompression,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Compression of objects that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectCompression {
    /// GZIP
    Gzip,
    /// Zstandard
    Zstd,
    /// BZIP2
    Bzip2,
    /// Plain objects
    None,
}

/// A number of bytes as one types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSize(pub(crate) u64);

impl FromStr for ByteSize {
    type Err = String;

    /// Units are powers of 1024, as in Redshift's MAXFILESIZE.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
            "KB" => 1 << 10,
            "MB" => 1 << 20,
            "GB" => 1_u64 << 30,
            _ => return Err("give a number with KB, MB or GB, such as 64MB".to_owned()),
        };
        let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        number.map(Self).ok_or_else(|| "the number is a whole one, such as 64MB".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSize;

    #[test]
    fn sizes_are_numbers_with_a_unit() {
        assert_eq!("64MB".parse(), Ok(ByteSize(64 << 20)));
        assert_eq!("1gb".parse(), Ok(ByteSize(1 << 30)));
        for wrong in ["64", "MB", "1.5MB", "-1MB", "64 MB", "99999999999GB"] {
            assert!(wrong.parse::<ByteSize>().is_err(), "{wrong}");
        }
    }
}
