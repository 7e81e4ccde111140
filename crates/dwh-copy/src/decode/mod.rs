//! From bytes to fields. One module a format; each finds the values of the columns in a record and
//! leaves their conversion to `convert`.

pub(crate) mod json;
