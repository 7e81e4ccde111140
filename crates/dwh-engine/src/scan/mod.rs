//! Reading a stored table: Parquet files without their deleted rows, and rows still in memory.

mod column_cache;
mod field_id_adapter;
mod restricted;
mod row_address;
mod statistics;
mod table_provider;

pub(crate) use column_cache::{CachedScans, ColumnCache};
pub(crate) use restricted::Restricted;
pub(crate) use row_address::{ROW_COLUMN, SOURCE_COLUMN};
pub(crate) use statistics::of_column as statistics_of_column;
pub(crate) use table_provider::{StoredTable, TableOfFile};
