//! Types of casts that DataFusion has no SQL name for.

use arrow::datatypes::{Field, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast;
use dwh_common::RedshiftType;

/// Reads `SUPER` and the like in a cast.
#[derive(Debug)]
pub(super) struct Types;

impl TypePlanner for Types {
    fn plan_type_field(&self, sql_type: &ast::DataType) -> Result<Option<FieldRef>> {
        let ast::DataType::Custom(name, arguments) = sql_type else {
            // DataFusion's TIME counts nanoseconds.
            let is_time = matches!(sql_type, ast::DataType::Time(_, ast::TimezoneInfo::None));
            return Ok(is_time.then(|| Field::new("", RedshiftType::Time.planned_type(), true).into()));
        };
        if !arguments.is_empty() {
            return Ok(None);
        }
        let known = name.to_string().parse::<RedshiftType>().ok();
        Ok(known.map(|known| Field::new("", known.planned_type(), true).into()))
    }
}
