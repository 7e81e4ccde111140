//! The embedded warehouse's engine: sessions that plan Redshift SQL on DataFusion over a storage
//! transaction.

pub mod functions;
pub mod typing;
