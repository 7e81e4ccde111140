//! `GETBIT(varbyte, n)`: the bit at a position, counted from 0 for the least significant one (guide, page of
//! this name).

use arrow::datatypes::Int32Type;
use dwh_common::{RedshiftType, SqlState};

use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const GETBIT: Function = Function::new(
    "getbit",
    &[Parameter::Bytes, Parameter::Integer],
    Returns::Type(RedshiftType::Integer),
    |call| {
        let (bytes, positions) = (call.bytes(0)?, call.integer(1)?);
        call.build::<Int32Type>(|row| {
            let (bytes, position) = (bytes.at(row), positions.at(row));
            let index = usize::try_from(position).ok();
            let byte =
                index.and_then(|index| bytes.iter().rev().nth(index / 8).map(|byte| (byte, index % 8)));
            match byte {
                Some((byte, bit)) => Ok(Some(i32::from(byte >> bit & 1))),
                None => Err(sql_err(
                    SqlState::InvalidParameterValue,
                    format!(
                        "bit index {position} out of valid range (0..{})",
                        (bytes.len() * 8).saturating_sub(1)
                    ),
                )),
            }
        })
    },
);
