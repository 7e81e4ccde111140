//! ST_Transform: the coordinates of a geometry in another spatial reference system (the guide's page of that name).

use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlError, SqlState};

use super::arguments::{Geometries, geometries};
use super::geometry::Geometry;
use super::input::srid;
use super::reference_systems::ReferenceSystem;
use crate::functions::error::{external, sql_err};
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const ALL: &[Function] = &[Function::new(
    "st_transform",
    &[Parameter::Geometry, Parameter::Integer],
    Returns::Type(RedshiftType::Geometry),
    |call| {
        let (shapes, srids) = (Geometries::new(call, 0)?, call.integer(1)?);
        geometries(call, |row| {
            let geometry = shapes.at(row)?;
            srid(srids.at(row))?.map(|srid| transformed(geometry, srid)).transpose()
        })
    },
)];

fn transformed(mut geometry: Geometry, srid: i32) -> Result<Geometry> {
    let (from, to) = (system(geometry.srid)?, system(srid)?);
    if geometry.srid != srid {
        let mut is_finite = true;
        geometry.shape.change(&mut |position| {
            let [x, y, z] = to.of_geographic(from.to_geographic([position[0], position[1], position[2]]));
            *position = [x, y, z, position[3]];
            is_finite &= x.is_finite() && y.is_finite() && z.is_finite();
        });
        if !is_finite {
            let message = format!("a coordinate has no place in the spatial reference system {srid}");
            return Err(sql_err(SqlState::NumericValueOutOfRange, message));
        }
    }
    Ok(Geometry { srid, ..geometry })
}

fn system(srid: i32) -> Result<ReferenceSystem> {
    ReferenceSystem::of_srid(srid)
        .ok_or_else(|| external(SqlError::unsupported(format!("the spatial reference system {srid}"))))
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    /// The page's examples are in `slt/spatial`.
    #[test]
    fn coordinates_come_back() {
        let there = |shape: &str, from: i32, to: i32| {
            format!("st_transform(st_geomfromtext('{shape}', {from}), {to})")
        };
        let back = |shape: &str, from: i32, to: i32| {
            format!(
                "st_distance(st_transform({}, {from}), st_geomfromtext('{shape}', {from})) < 0.000000001",
                there(shape, from, to)
            )
        };
        let mercator = format!("st_astext({})", there("POINT(110 40)", 4326, 3857));
        let cases = [
            (mercator, "POINT(12245143.9872601 4865942.27950318)"),
            (back("POINT(110 40)", 4326, 3857), "t"),
            (back("POINT(13.4 52.5)", 4326, 32633), "t"),
            (back("POINT(-70.6 -33.4)", 4326, 32719), "t"),
            (back("POINT Z (13.4 52.5 100)", 4979, 4978), "t"),
            (format!("st_srid({})", there("POINT EMPTY", 4326, 25833)), "25833"),
        ];
        let cases: Vec<(&str, &str)> = cases.iter().map(|(sql, value)| (sql.as_str(), *value)).collect();
        assert_values(&cases);
    }
}
