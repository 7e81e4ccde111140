//! Geometries from text and numbers: `ST_GeomFromText` and its siblings, `ST_Point`, `ST_MakeLine`, ….

use arrow::array::ArrayRef;
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use super::arguments::{Geometries, geometries};
use super::geometry::{Dimensions, Geometry, Kind, Position, Shape, must_be};
use super::{geojson, wkb, wkt};
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const TEXT_AND_SRID: &[Parameter] = &[Parameter::Text, Parameter::Integer];
const NUMBER: Parameter = Parameter::Number;
const GEOMETRY: Returns = Returns::Type(RedshiftType::Geometry);

pub(super) const ALL: &[Function] = &[
    Function {
        optional: 1,
        ..Function::new("st_geomfromtext", TEXT_AND_SRID, GEOMETRY, |call| {
            read(call, |text| wkt::read(text, false))
        })
    },
    Function::new("st_geomfromewkt", &[Parameter::Text], GEOMETRY, |call| {
        read(call, |text| wkt::read(text, true))
    }),
    Function {
        optional: 1,
        ..Function::new("st_geomfromwkb", TEXT_AND_SRID, GEOMETRY, |call| read(call, wkb::of_hex))
    },
    Function::new("st_geomfromewkb", &[Parameter::Text], GEOMETRY, |call| read(call, wkb::of_hex)),
    Function::new("st_geomfromgeojson", &[Parameter::Text], GEOMETRY, |call| read(call, geojson::read)),
    Function::new("st_point", &[NUMBER; 2], GEOMETRY, point),
    Function { optional: 2, ..Function::new("st_makepoint", &[NUMBER; 4], GEOMETRY, point) },
    Function {
        optional: 1,
        ..Function::new(
            "st_makeenvelope",
            &[NUMBER, NUMBER, NUMBER, NUMBER, Parameter::Integer],
            GEOMETRY,
            envelope,
        )
    },
    Function::new("st_makeline", &[Parameter::Geometry; 2], GEOMETRY, |call| {
        let (first, second) = (Geometries::new(call, 0)?, Geometries::new(call, 1)?);
        geometries(call, |row| {
            let (first, second) = (first.at(row)?, second.at(row)?);
            first.check_same_srid(&second)?;
            let mut positions = strung(&first)?;
            positions.extend(strung(&second)?);
            Ok(Some(first.with_shape(Shape::LineString(positions))))
        })
    }),
    Function {
        optional: 1,
        ..Function::new("st_makepolygon", &[Parameter::Geometry; 2], GEOMETRY, |call| {
            let outer = Geometries::new(call, 0)?;
            let inner = if call.len() > 1 { Some(Geometries::new(call, 1)?) } else { None };
            geometries(call, |row| {
                let outer = outer.at(row)?;
                let holes = match &inner {
                    Some(inner) => {
                        let inner = inner.at(row)?;
                        outer.check_same_srid(&inner)?;
                        match inner.shape {
                            Shape::Many(Kind::MultiLineString, lines) => {
                                lines.iter().map(Shape::positions).collect()
                            }
                            _ => return Err(must_be(call.name(), "a multilinestring")),
                        }
                    }
                    None => Vec::new(),
                };
                polygon(call, &outer, holes).map(Some)
            })
        })
    },
    Function::new("st_polygon", &[Parameter::Geometry, Parameter::Integer], GEOMETRY, |call| {
        let (lines, srids) = (Geometries::new(call, 0)?, call.integer(1)?);
        geometries(call, |row| {
            let Some(srid) = srid(srids.at(row))? else { return Ok(None) };
            let polygon = polygon(call, &lines.at(row)?, Vec::new())?;
            Ok(Some(Geometry { srid, ..polygon }))
        })
    }),
    Function::new("st_linefrommultipoint", &[Parameter::Geometry], GEOMETRY, |call| {
        let points = Geometries::new(call, 0)?;
        geometries(call, |row| {
            let points = points.at(row)?;
            if points.shape.kind() != Kind::MultiPoint {
                return Err(must_be(call.name(), "a multipoint"));
            }
            Ok(Some(points.with_shape(Shape::LineString(points.shape.positions()))))
        })
    }),
];

/// A number that may be an SRID; a negative one makes the result NULL.
pub(super) fn srid(number: i64) -> Result<Option<i32>> {
    match number {
        ..0 => Ok(None),
        0..=999_999 => Ok(i32::try_from(number).ok()),
        _ => Err(sql_err(SqlState::InvalidParameterValue, format!("invalid SRID: {number}"))),
    }
}

fn read(call: &Call<'_>, parse: fn(&str) -> Option<Geometry>) -> Result<ArrayRef> {
    let texts = call.text(0)?;
    let srids = if call.len() > 1 { Some(call.integer(1)?) } else { None };
    geometries(call, |row| {
        let text = texts.at(row);
        let geometry = parse(text).ok_or_else(|| {
            sql_err(SqlState::InvalidParameterValue, format!("{}: invalid geometry \"{text}\"", call.name()))
        })?;
        match &srids {
            Some(srids) => Ok(srid(srids.at(row))?.map(|srid| Geometry { srid, ..geometry })),
            None => Ok(Some(geometry)),
        }
    })
}

/// `ST_Point(x, y)` and `ST_MakePoint(x, y, z, m)`.
fn point(call: &Call<'_>) -> Result<ArrayRef> {
    let columns = (0..call.len()).map(|index| call.double(index)).collect::<Result<Vec<_>>>()?;
    let dimensions = Dimensions { z: call.len() > 2, m: call.len() > 3 };
    geometries(call, |row| {
        let mut position = [0.0; 4];
        columns.iter().zip(&mut position).for_each(|(column, place)| *place = column.at(row));
        Ok(Some(Geometry { srid: 0, dimensions, shape: Shape::Point(Some(position)) }))
    })
}

fn envelope(call: &Call<'_>) -> Result<ArrayRef> {
    let bounds = (0..4).map(|index| call.double(index)).collect::<Result<Vec<_>>>()?;
    let srids = call.integer_or(4, 0)?;
    geometries(call, |row| {
        let Some(srid) = srid(srids.at(row))? else { return Ok(None) };
        let [x1, y1, x2, y2] = [0, 1, 2, 3].map(|index| bounds[index].at(row));
        let shape = rectangle([x1, y1], [x2, y2]);
        Ok(Some(Geometry { srid, dimensions: Dimensions::default(), shape }))
    })
}

/// A polygon of four corners, clockwise from the lower left one.
pub(super) fn rectangle([x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> Shape {
    let corner = |x, y| [x, y, 0.0, 0.0];
    Shape::Polygon(vec![vec![corner(x1, y1), corner(x1, y2), corner(x2, y2), corner(x2, y1), corner(x1, y1)]])
}

/// What ST_MakeLine takes: points, linestrings and multipoints.
fn strung(geometry: &Geometry) -> Result<Vec<Position>> {
    match geometry.shape.kind() {
        Kind::Point | Kind::LineString | Kind::MultiPoint => Ok(geometry.shape.positions()),
        _ => Err(must_be("st_makeline", "a point, a linestring or a multipoint")),
    }
}

fn polygon(call: &Call<'_>, outer: &Geometry, holes: Vec<Vec<Position>>) -> Result<Geometry> {
    let outer_ring = outer.line(call.name())?.to_vec();
    if outer_ring.is_empty() {
        return Ok(outer.with_shape(Shape::Polygon(Vec::new())));
    }
    let rings: Vec<_> =
        std::iter::once(outer_ring).chain(holes.into_iter().filter(|hole| !hole.is_empty())).collect();
    match rings.iter().all(|ring| ring.len() > 3 && ring.first() == ring.last()) {
        true => Ok(outer.with_shape(Shape::Polygon(rings))),
        false => Err(must_be(call.name(), "closed, with four points or more")),
    }
}
