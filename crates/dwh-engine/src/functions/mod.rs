//! Redshift functions as DataFusion functions, one file each.
