//! SQL type names to Arrow types: TIMESTAMP in microseconds, NUMERIC as (18,0), VARCHAR with its
//! length (RS 3.3).

use arrow::datatypes::FieldRef;
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::DataType as SqlType;
use dwh_common::{RedshiftType, SqlState, TypeError};

use crate::functions::function::field_of;
use crate::functions::sql_err;

/// Names the types of CAST.
#[derive(Debug)]
pub(super) struct RedshiftTypes;

impl TypePlanner for RedshiftTypes {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<FieldRef>> {
        match sql_type.to_string().parse::<RedshiftType>() {
            Ok(known) => Ok(Some(field_of("", known).into())),
            // INTERVAL and what DataFusion needs for itself.
            Err(TypeError::Unknown(_) | TypeError::Unsupported(_)) => Ok(None),
            Err(error) => Err(sql_err(SqlState::InvalidParameterValue, error.to_string())),
        }
    }
}
