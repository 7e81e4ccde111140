//! What Redshift asks of OVER: an aggregate with an ORDER BY has a frame, frames count ROWS and do not start behind
//! their end, and no aggregate over a window is DISTINCT (RS 4.4).

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    DuplicateTreatment, Expr, FunctionArguments, WindowFrameBound, WindowFrameUnits, WindowType,
};

use super::build::simple_name;

/// Functions that look at a frame.
const FRAMED: &[&str] = &[
    "any_value",
    "avg",
    "bit_and",
    "bit_or",
    "bool_and",
    "bool_or",
    "count",
    "first_value",
    "last_value",
    "max",
    "min",
    "nth_value",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
];

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let Expr::Function(function) = expr else { return Ok(()) };
    if let Some(WindowType::WindowSpec(window)) = &mut function.over
        && let Some(frame) = &mut window.window_frame
        && frame.end_bound.is_none()
        && matches!(frame.start_bound, WindowFrameBound::Following(_))
    {
        // The guide's window syntax: `ROWS UNBOUNDED FOLLOWING` begins with the current row.
        frame.end_bound = Some(std::mem::replace(&mut frame.start_bound, WindowFrameBound::CurrentRow));
    }
    let (Some(WindowType::WindowSpec(window)), Some(name)) = (&function.over, simple_name(function)) else {
        return Ok(());
    };
    let error = |state, message: &str| {
        let position = function.name.0.first().and_then(|part| part.as_ident()).map(|ident| ident.span.start);
        let mut error = SqlError::new(state, message);
        error.position = position
            .filter(|start| start.line == 1)
            .and_then(|start| usize::try_from(start.column).ok())
            .filter(|column| *column > 0);
        Err(error)
    };
    if let Some(frame) = &window.window_frame {
        let units = match frame.units {
            WindowFrameUnits::Rows => None,
            WindowFrameUnits::Range => Some("RANGE"),
            WindowFrameUnits::Groups => Some("GROUPS"),
        };
        if let Some(units) = units {
            return error(
                SqlState::FeatureNotSupported,
                &format!("a window frame of {units} is not supported; frames are ROWS"),
            );
        }
        let end = frame.end_bound.as_ref().unwrap_or(&WindowFrameBound::CurrentRow);
        if frame.end_bound.is_some() && side(&frame.start_bound) > side(end) {
            return error(SqlState::SyntaxError, "a window frame cannot start behind its end");
        }
    } else if !window.order_by.is_empty() && FRAMED.contains(&name) {
        return error(
            SqlState::SyntaxError,
            "Aggregate window functions with an ORDER BY clause require a frame clause",
        );
    }
    if let FunctionArguments::List(list) = &function.args
        && list.duplicate_treatment == Some(DuplicateTreatment::Distinct)
        && FRAMED.contains(&name)
    {
        return error(SqlState::FeatureNotSupported, "DISTINCT is not supported in a window function");
    }
    Ok(())
}

/// Where a bound lies: before, at or behind the current row.
fn side(bound: &WindowFrameBound) -> u8 {
    match bound {
        WindowFrameBound::Preceding(None) => 0,
        WindowFrameBound::Preceding(Some(_)) => 1,
        WindowFrameBound::CurrentRow => 2,
        WindowFrameBound::Following(Some(_)) => 3,
        WindowFrameBound::Following(None) => 4,
    }
}
