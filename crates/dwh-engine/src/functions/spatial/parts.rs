//! What a geometry consists of: coordinates, counts, members.

use arrow::array::ArrayRef;
use arrow::datatypes::{Float64Type, Int32Type};
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use super::arguments::{Geometries, changed, geometries, number, truth};
use super::geometry::{Geometry, Kind, Position, Shape};
use super::simplicity::is_simple;
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const ONE: &[Parameter] = &[Parameter::Geometry];
const WITH_INDEX: &[Parameter] = &[Parameter::Geometry, Parameter::Integer];
const DOUBLE: Returns = Returns::Type(RedshiftType::Double);
const INTEGER: Returns = Returns::Type(RedshiftType::Integer);
const BOOLEAN: Returns = Returns::Type(RedshiftType::Boolean);
const GEOMETRY: Returns = Returns::Type(RedshiftType::Geometry);

pub(super) const ALL: &[Function] = &[
    Function::new("st_x", ONE, DOUBLE, |call| coordinate(call, 0)),
    Function::new("st_y", ONE, DOUBLE, |call| coordinate(call, 1)),
    Function::new("st_z", ONE, DOUBLE, |call| coordinate(call, 2)),
    Function::new("st_m", ONE, DOUBLE, |call| coordinate(call, 3)),
    Function::new("st_xmin", ONE, DOUBLE, |call| extreme(call, 0, f64::min)),
    Function::new("st_xmax", ONE, DOUBLE, |call| extreme(call, 0, f64::max)),
    Function::new("st_ymin", ONE, DOUBLE, |call| extreme(call, 1, f64::min)),
    Function::new("st_ymax", ONE, DOUBLE, |call| extreme(call, 1, f64::max)),
    Function::new("st_zmin", ONE, DOUBLE, |call| extreme(call, 2, f64::min)),
    Function::new("st_zmax", ONE, DOUBLE, |call| extreme(call, 2, f64::max)),
    Function::new("st_mmin", ONE, DOUBLE, |call| extreme(call, 3, f64::min)),
    Function::new("st_mmax", ONE, DOUBLE, |call| extreme(call, 3, f64::max)),
    Function::new("st_srid", ONE, INTEGER, |call| {
        number::<Int32Type>(call, |geometry| Ok(Some(geometry.srid)))
    }),
    Function::new("st_ndims", ONE, INTEGER, |call| count(call, |geometry| Some(geometry.dimensions.count()))),
    Function::new("st_dimension", ONE, INTEGER, |call| {
        count(call, |geometry| {
            let simple = geometry.shape.simple();
            let highest = simple.iter().filter(|shape| !shape.is_empty()).map(|shape| dimension(shape)).max();
            Some(highest.unwrap_or_else(|| match geometry.shape.kind() {
                Kind::LineString | Kind::MultiLineString => 1,
                Kind::Polygon | Kind::MultiPolygon => 2,
                _ => 0,
            }))
        })
    }),
    Function::new("st_npoints", ONE, INTEGER, |call| {
        count(call, |geometry| Some(geometry.shape.positions().len()))
    }),
    Function::new("st_numpoints", ONE, INTEGER, |call| {
        count(call, |geometry| match &geometry.shape {
            Shape::LineString(line) => Some(line.len()),
            _ => None,
        })
    }),
    Function::new("st_nrings", ONE, INTEGER, |call| {
        count(call, |geometry| {
            let rings = |shape: &&Shape| match shape {
                Shape::Polygon(rings) => rings.len(),
                _ => 0,
            };
            Some(geometry.shape.simple().iter().map(rings).sum())
        })
    }),
    Function::new("st_numinteriorrings", ONE, INTEGER, |call| {
        count(call, |geometry| match &geometry.shape {
            Shape::Polygon(rings) => Some(rings.len().saturating_sub(1)),
            _ => None,
        })
    }),
    Function::new("st_numgeometries", ONE, INTEGER, |call| {
        count(call, |geometry| Some(geometry.shape.members().len()))
    }),
    Function::new("st_pointn", WITH_INDEX, GEOMETRY, |call| {
        at_index(call, |geometry, index| {
            let line = geometry.line("st_pointn")?;
            let place = if index < 0 { line.len() as i64 + index } else { index - 1 };
            let point = usize::try_from(place).ok().and_then(|place| line.get(place));
            Ok(point.map(|point| Shape::Point(Some(*point))))
        })
    }),
    Function::new("st_geometryn", WITH_INDEX, GEOMETRY, |call| {
        at_index(call, |geometry, index| {
            let member = nth(geometry.shape.members(), index);
            match (&geometry.shape, member) {
                (_, Some(member)) => Ok(Some(member.clone())),
                (Shape::Many(..), None) => {
                    let message = format!("st_geometryn: index {index} is out of range");
                    Err(sql_err(SqlState::InvalidParameterValue, message))
                }
                _ => Ok(None),
            }
        })
    }),
    Function::new("st_interiorringn", WITH_INDEX, GEOMETRY, |call| {
        at_index(call, |geometry, index| match &geometry.shape {
            Shape::Polygon(rings) => {
                Ok(nth(rings.get(1..).unwrap_or_default(), index).cloned().map(Shape::LineString))
            }
            _ => Ok(None),
        })
    }),
    Function::new("st_exteriorring", ONE, GEOMETRY, |call| {
        changed(call, |geometry| match &geometry.shape {
            Shape::Polygon(rings) => {
                let ring = rings.first().cloned().unwrap_or_default();
                Ok(Some(geometry.with_shape(Shape::LineString(ring))))
            }
            _ => Ok(None),
        })
    }),
    Function::new("st_startpoint", ONE, GEOMETRY, |call| end(call, |line| line.first())),
    Function::new("st_endpoint", ONE, GEOMETRY, |call| end(call, |line| line.last())),
    Function::new("st_points", ONE, GEOMETRY, |call| {
        changed(call, |geometry| {
            let points = geometry.shape.positions().into_iter().map(|position| Shape::Point(Some(position)));
            Ok(Some(geometry.with_shape(Shape::Many(Kind::MultiPoint, points.collect()))))
        })
    }),
    Function::new("st_isempty", ONE, BOOLEAN, |call| truth(call, |geometry| Ok(geometry.is_empty()))),
    Function::new("st_iscollection", ONE, BOOLEAN, |call| {
        truth(call, |geometry| Ok(matches!(geometry.shape, Shape::Many(..))))
    }),
    Function::new("st_isclosed", ONE, BOOLEAN, |call| truth(call, |geometry| Ok(is_closed(&geometry.shape)))),
    Function::new("st_issimple", ONE, BOOLEAN, |call| truth(call, |geometry| Ok(is_simple(&geometry.shape)))),
    Function::new("st_isring", ONE, BOOLEAN, |call| {
        truth(call, |geometry| {
            geometry.line(call.name())?;
            Ok(is_closed(&geometry.shape) && is_simple(&geometry.shape))
        })
    }),
    Function::new("st_ispolygoncw", ONE, BOOLEAN, |call| truth(call, |geometry| turns(geometry, true))),
    Function::new("st_ispolygonccw", ONE, BOOLEAN, |call| truth(call, |geometry| turns(geometry, false))),
];

/// 0 of points, 1 of lines, 2 of areas.
fn dimension(shape: &Shape) -> usize {
    match shape {
        Shape::Polygon(_) => 2,
        Shape::LineString(_) => 1,
        _ => 0,
    }
}

/// A coordinate of a point; NULL of an empty one and where there is none.
fn coordinate(call: &Call<'_>, place: usize) -> Result<ArrayRef> {
    let name = call.name();
    number::<Float64Type>(call, |geometry| {
        let point = geometry.point(name)?;
        Ok(point.filter(|_| has(geometry, place)).map(|point| point[place]))
    })
}

fn has(geometry: &Geometry, place: usize) -> bool {
    geometry.dimensions.places().any(|known| known == place)
}

fn extreme(call: &Call<'_>, place: usize, choose: fn(f64, f64) -> f64) -> Result<ArrayRef> {
    number::<Float64Type>(call, |geometry| {
        let positions = geometry.shape.positions();
        let values = positions.iter().map(|position| position[place]);
        Ok(values.reduce(choose).filter(|_| has(geometry, place)))
    })
}

fn count(call: &Call<'_>, value: impl Fn(&Geometry) -> Option<usize>) -> Result<ArrayRef> {
    number::<Int32Type>(call, |geometry| {
        Ok(value(geometry).map(|count| i32::try_from(count).unwrap_or(i32::MAX)))
    })
}

/// An element by its place from 1 on.
fn nth<T>(items: &[T], index: i64) -> Option<&T> {
    items.get(usize::try_from(index).ok()?.checked_sub(1)?)
}

fn at_index(call: &Call<'_>, value: impl Fn(&Geometry, i64) -> Result<Option<Shape>>) -> Result<ArrayRef> {
    let (first, indexes) = (Geometries::new(call, 0)?, call.integer(1)?);
    geometries(call, |row| {
        let geometry = first.at(row)?;
        Ok(value(&geometry, indexes.at(row))?.map(|shape| geometry.with_shape(shape)))
    })
}

/// An end of a linestring; NULL of anything else.
fn end(call: &Call<'_>, choose: fn(&[Position]) -> Option<&Position>) -> Result<ArrayRef> {
    changed(call, |geometry| match &geometry.shape {
        Shape::LineString(line) => {
            Ok(choose(line).map(|position| geometry.with_shape(Shape::Point(Some(*position)))))
        }
        _ => Ok(None),
    })
}

fn is_closed(shape: &Shape) -> bool {
    match shape {
        Shape::Point(point) => point.is_some(),
        Shape::LineString(line) => !line.is_empty() && line.first() == line.last(),
        Shape::Polygon(rings) => !rings.is_empty(),
        Shape::Many(_, members) => !members.is_empty() && members.iter().all(is_closed),
    }
}

/// Twice the area of a ring, negative if it runs clockwise.
pub(super) fn signed_area(ring: &[Position]) -> f64 {
    ring.windows(2).map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]).sum()
}

/// Whether the exterior rings run clockwise and the interior ones against it, or the other way round.
fn turns(geometry: &Geometry, clockwise: bool) -> Result<bool> {
    Ok(geometry.shape.simple().into_iter().all(|shape| match shape {
        Shape::Polygon(rings) => rings.iter().enumerate().all(|(index, ring)| {
            let is_clockwise = signed_area(ring) < 0.0;
            is_clockwise == (clockwise == (index == 0))
        }),
        _ => true,
    }))
}
