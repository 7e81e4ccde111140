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
            // DataFusion's TIME counts nanoseconds, and its TIMESTAMPTZ has the zone of its own settings.
            let known = match sql_type {
                ast::DataType::Time(_, ast::TimezoneInfo::None | ast::TimezoneInfo::WithoutTimeZone) => {
                    RedshiftType::Time
                }
                ast::DataType::Time(_, _) => RedshiftType::TimeTz,
                ast::DataType::Interval { fields: Some(_), .. } => match sql_type.to_string().parse() {
                    Ok(known) => known,
                    Err(_) => return Ok(None),
                },
                _ => return Ok(None),
            };
            return Ok(Some(planned(known)));
        };
        if !arguments.is_empty() {
            return Ok(None);
        }
        Ok(name.to_string().parse::<RedshiftType>().ok().map(planned))
    }
}

/// A cast's type; what its Arrow type leaves open is in its metadata.
fn planned(known: RedshiftType) -> FieldRef {
    match known {
        // A cast without metadata keeps those of its column: a TIMETZ column's stored form is TIME's.
        RedshiftType::Interval(_) | RedshiftType::Time => known.planned_field("", true).into(),
        _ => Field::new("", known.planned_type(), true).into(),
    }
}
