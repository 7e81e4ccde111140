//! Geometries made from others: points added and taken away, dimensions forced, members collected.

use arrow::array::ArrayRef;
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use super::arguments::{Geometries, changed, geometries};
use super::geometry::{Dimensions, Geometry, Shape};
use super::input::srid;
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const ONE: &[Parameter] = &[Parameter::Geometry];
const GEOMETRY: Returns = Returns::Type(RedshiftType::Geometry);

pub(super) const ALL: &[Function] = &[
    Function::new("st_setsrid", &[Parameter::Geometry, Parameter::Integer], GEOMETRY, |call| {
        let (first, srids) = (Geometries::new(call, 0)?, call.integer(1)?);
        geometries(call, |row| {
            let geometry = first.at(row)?;
            Ok(srid(srids.at(row))?.map(|srid| Geometry { srid, ..geometry }))
        })
    }),
    Function {
        optional: 1,
        ..Function::new(
            "st_addpoint",
            &[Parameter::Geometry, Parameter::Geometry, Parameter::Integer],
            GEOMETRY,
            |call| {
                let (lines, points, places) =
                    (Geometries::new(call, 0)?, Geometries::new(call, 1)?, call.integer_or(2, -1)?);
                geometries(call, |row| {
                    let (line, point) = (lines.at(row)?, points.at(row)?);
                    line.check_same_srid(&point)?;
                    let mut positions = line.line(call.name())?.to_vec();
                    let place = place(call, places.at(row), positions.len() + 1, positions.len())?;
                    let position = point.point(call.name())?;
                    position.into_iter().for_each(|position| positions.insert(place, position));
                    Ok(Some(line.with_shape(Shape::LineString(positions))))
                })
            },
        )
    },
    Function::new(
        "st_setpoint",
        &[Parameter::Geometry, Parameter::Integer, Parameter::Geometry],
        GEOMETRY,
        |call| {
            let (lines, places, points) =
                (Geometries::new(call, 0)?, call.integer(1)?, Geometries::new(call, 2)?);
            geometries(call, |row| {
                let (line, point) = (lines.at(row)?, points.at(row)?);
                line.check_same_srid(&point)?;
                let mut positions = line.line(call.name())?.to_vec();
                let last = positions.len().saturating_sub(1);
                let place = place(call, places.at(row), positions.len(), last)?;
                if let Some(position) = point.point(call.name())? {
                    positions[place] = position;
                }
                Ok(Some(line.with_shape(Shape::LineString(positions))))
            })
        },
    ),
    Function::new("st_removepoint", &[Parameter::Geometry, Parameter::Integer], GEOMETRY, |call| {
        let (lines, places) = (Geometries::new(call, 0)?, call.integer(1)?);
        geometries(call, |row| {
            let line = lines.at(row)?;
            let mut positions = line.line(call.name())?.to_vec();
            let last = positions.len().saturating_sub(1);
            positions.remove(place(call, places.at(row), positions.len(), last)?);
            Ok(Some(line.with_shape(Shape::LineString(positions))))
        })
    }),
    Function::new("st_reverse", ONE, GEOMETRY, |call| {
        changed(call, |mut geometry| {
            reverse(&mut geometry.shape);
            Ok(Some(geometry))
        })
    }),
    Function::new("st_flipcoordinates", ONE, GEOMETRY, |call| {
        changed(call, |mut geometry| {
            geometry.shape.change(&mut |position| position.swap(0, 1));
            Ok(Some(geometry))
        })
    }),
    Function::new("st_multi", ONE, GEOMETRY, |call| {
        changed(call, |geometry| match geometry.shape {
            Shape::Many(..) => Ok(Some(geometry)),
            ref simple => {
                let members = if simple.is_empty() { Vec::new() } else { vec![simple.clone()] };
                Ok(Some(geometry.with_shape(Shape::Many(simple.kind().collection(), members))))
            }
        })
    }),
    Function::new("st_force2d", ONE, GEOMETRY, |call| force(call, false, false)),
    Function {
        aliases: &["st_force3d"],
        ..Function::new("st_force3dz", ONE, GEOMETRY, |call| force(call, true, false))
    },
    Function::new("st_force3dm", ONE, GEOMETRY, |call| force(call, false, true)),
    Function::new("st_force4d", ONE, GEOMETRY, |call| force(call, true, true)),
];

/// A place in a list of so many; -1 is the last one.
fn place(call: &Call<'_>, index: i64, count: usize, last: usize) -> Result<usize> {
    let place = if index == -1 { Some(last) } else { usize::try_from(index).ok() };
    place.filter(|place| *place < count).ok_or_else(|| {
        sql_err(SqlState::InvalidParameterValue, format!("{}: index {index} is out of range", call.name()))
    })
}

fn reverse(shape: &mut Shape) {
    match shape {
        Shape::Point(_) => {}
        Shape::LineString(line) => line.reverse(),
        Shape::Polygon(rings) => rings.iter_mut().for_each(|ring| ring.reverse()),
        Shape::Many(_, members) => members.iter_mut().for_each(reverse),
    }
}

/// The geometry with these dimensions; coordinates that it lacks are 0.
fn force(call: &Call<'_>, z: bool, m: bool) -> Result<ArrayRef> {
    changed(call, |mut geometry| {
        geometry.shape.change(&mut |position| {
            position[2] *= f64::from(u8::from(z));
            position[3] *= f64::from(u8::from(m));
        });
        Ok(Some(Geometry { dimensions: Dimensions { z, m }, ..geometry }))
    })
}
