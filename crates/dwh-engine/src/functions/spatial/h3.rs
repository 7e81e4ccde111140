//! The hexagonal grid H3 (guide, "H3 spatial functions"), by the crate `h3o`. A cell is a BIGINT, or text with its
//! hexadecimal digits.

use std::collections::HashSet;

use arrow::array::{ArrayRef, Int64Array, StringViewArray};
use arrow::datatypes::{Int32Type, Int64Type};
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlState};
use geo::{BoundingRect, Contains, Coord, Geometry as Planar, LinesIter, Point, Polygon};
use h3o::{CellIndex, LatLng, Resolution};

use super::arguments::{Geometries, geometries};
use super::geometry::{Dimensions, Geometry, Position, Shape, must_be};
use super::planar::planar;
use crate::functions::args::{Call, Column};
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};
use crate::functions::partiql::build_super;

const INDEX: Parameter = Parameter::Integer;
const RESOLUTION: Parameter = Parameter::Integer;
const CELL: Returns = Returns::Type(RedshiftType::BigInt);
const CELLS: Returns = Returns::Type(RedshiftType::Super);
const GEOMETRY: Returns = Returns::Type(RedshiftType::Geometry);
/// Cells that one value may hold: more would not fit into a SUPER.
const MAX_CELLS: usize = 800_000;

pub(super) const ALL: &[Function] = &[
    Function::new("h3_fromlonglat", &[Parameter::Number, Parameter::Number, RESOLUTION], CELL, |call| {
        let (longitudes, latitudes) = (call.double(0)?, call.double(1)?);
        at_resolution(call, 2, |row, resolution| {
            cell_at(longitudes.at(row), latitudes.at(row), resolution).map(Some)
        })
    }),
    Function::new("h3_frompoint", &[Parameter::Geometry, RESOLUTION], CELL, |call| {
        let points = Geometries::new(call, 0)?;
        at_resolution(call, 1, |row, resolution| match points.at(row)?.point(call.name())? {
            Some([longitude, latitude, ..]) => cell_at(longitude, latitude, resolution).map(Some),
            None => Ok(None),
        })
    }),
    Function::new("h3_polyfill", &[Parameter::Geometry, RESOLUTION], CELLS, |call| {
        let (polygons, resolutions) = (Geometries::new(call, 0)?, call.integer(1)?);
        build_super(call, |row| {
            let cells = filling(&polygons.at(row)?, resolution(resolutions.at(row))?)?;
            Ok(cells.map(cells_json))
        })
    }),
    Function::new("h3_toparent", &[INDEX, RESOLUTION], CELL, |call| {
        let cells = Cells::new(call)?;
        at_resolution(call, 1, |row, resolution| {
            let cell = cells.valid(row)?;
            cell.parent(resolution).map(Some).ok_or_else(|| wrong_side(cell, resolution, "coarser"))
        })
    }),
    Function::new("h3_tochildren", &[INDEX, RESOLUTION], CELLS, |call| {
        let (cells, resolutions) = (Cells::new(call)?, call.integer(1)?);
        build_super(call, |row| {
            let (cell, resolution) = (cells.valid(row)?, resolution(resolutions.at(row))?);
            match cell.children_count(resolution) {
                0 => Err(wrong_side(cell, resolution, "finer")),
                count if count > MAX_CELLS as u64 => Err(too_many_cells()),
                _ => Ok(Some(cells_json(cell.children(resolution)))),
            }
        })
    }),
    Function::new("h3_resolution", &[INDEX], Returns::Type(RedshiftType::Integer), |call| {
        let cells = Cells::new(call)?;
        call.build::<Int32Type>(|row| Ok(Some(u8::from(cells.valid(row)?.resolution()).into())))
    }),
    Function::new("h3_isvalid", &[INDEX], Returns::Type(RedshiftType::Boolean), |call| {
        let cells = Cells::new(call)?;
        call.build_boolean(|row| Ok(Some(cells.at(row).is_some())))
    }),
    Function::new("h3_center", &[INDEX], GEOMETRY, |call| {
        shapes(call, |cell| Shape::Point(Some(position(LatLng::from(cell)))))
    }),
    Function::new("h3_boundary", &[INDEX], GEOMETRY, |call| {
        shapes(call, |cell| {
            let mut ring: Vec<_> = cell.boundary().iter().copied().map(position).collect();
            ring.extend(ring.first().copied());
            Shape::Polygon(vec![ring])
        })
    }),
];

/// The first argument as indexes of cells.
enum Cells {
    Numbers(Column<Int64Array>),
    Digits(Column<StringViewArray>),
}

impl Cells {
    fn new(call: &Call<'_>) -> Result<Self> {
        Ok(if call.redshift_type(0).is_some_and(RedshiftType::is_text) {
            Self::Digits(call.text(0)?)
        } else {
            Self::Numbers(call.integer(0)?)
        })
    }

    /// The cell at a row, if its index is one.
    fn at(&self, row: usize) -> Option<CellIndex> {
        match self {
            Self::Numbers(numbers) => CellIndex::try_from(numbers.at(row).cast_unsigned()).ok(),
            Self::Digits(digits) => digits.at(row).parse().ok(),
        }
    }

    fn valid(&self, row: usize) -> Result<CellIndex> {
        self.at(row).ok_or_else(|| {
            let written = match self {
                Self::Numbers(numbers) => numbers.at(row).to_string(),
                Self::Digits(digits) => digits.at(row).to_owned(),
            };
            invalid(format!("invalid H3 index: {written}"))
        })
    }
}

fn invalid(message: String) -> DataFusionError {
    sql_err(SqlState::InvalidParameterValue, message)
}

fn resolution(number: i64) -> Result<Resolution> {
    let resolution = u8::try_from(number).ok().and_then(|number| Resolution::try_from(number).ok());
    resolution.ok_or_else(|| invalid(format!("invalid H3 resolution: {number} (must be between 0 and 15)")))
}

/// A resolution that is not on the asked side of a cell's own.
fn wrong_side(cell: CellIndex, resolution: Resolution, side: &str) -> DataFusionError {
    invalid(format!("H3 resolution {resolution} is not {side} than that of the index, {}", cell.resolution()))
}

fn too_many_cells() -> DataFusionError {
    invalid(format!("more than {MAX_CELLS} H3 cells in one value"))
}

/// One cell a row, of a resolution that an argument gives.
fn at_resolution(
    call: &Call<'_>,
    argument: usize,
    value: impl Fn(usize, Resolution) -> Result<Option<CellIndex>>,
) -> Result<ArrayRef> {
    let resolutions = call.integer(argument)?;
    call.build::<Int64Type>(|row| Ok(value(row, resolution(resolutions.at(row))?)?.map(number)))
}

fn number(cell: CellIndex) -> i64 {
    u64::from(cell).cast_signed()
}

fn cells_json(cells: impl IntoIterator<Item = CellIndex>) -> String {
    format!("[{}]", cells.into_iter().map(|cell| number(cell).to_string()).collect::<Vec<_>>().join(","))
}

fn cell_at(longitude: f64, latitude: f64, resolution: Resolution) -> Result<CellIndex> {
    Ok(place(Coord { x: longitude, y: latitude })?.to_cell(resolution))
}

fn position(place: LatLng) -> Position {
    [place.lng(), place.lat(), 0.0, 0.0]
}

/// A shape for each cell.
fn shapes(call: &Call<'_>, shape: impl Fn(CellIndex) -> Shape) -> Result<ArrayRef> {
    let cells = Cells::new(call)?;
    geometries(call, |row| {
        let shape = shape(cells.valid(row)?);
        Ok(Some(Geometry { srid: 0, dimensions: Dimensions::default(), shape }))
    })
}

/// The cells whose centers are in a polygon, in the order of H3's own library: that of a hash table of as many slots as
/// cells are expected.
fn filling(polygon: &Geometry, resolution: Resolution) -> Result<Option<Vec<CellIndex>>> {
    let Planar::Polygon(filled) = planar(polygon) else {
        return Err(must_be("h3_polyfill", "a polygon"));
    };
    let Some(bounds) = filled.bounding_rect() else { return Ok(None) };
    let radius = least_radius(resolution);
    let expected = {
        let (corner, opposite) = (place(bounds.min())?, place(bounds.max())?);
        let (shorter, longer) = (bounds.width().min(bounds.height()), bounds.width().max(bounds.height()));
        let area = corner.distance_rads(opposite).powi(2) / (longer / shorter);
        // A hexagon of four fifths of the area of the smallest cell.
        let cells = (area / (0.8 * 1.5 * 3.0_f64.sqrt() * radius.powi(2))).ceil();
        let corners = polygon.shape.positions().len() - 1 - filled.interiors().len();
        (if cells.is_finite() { cells as usize } else { 0 }).max(corners) + 12
    };
    if expected > MAX_CELLS {
        return Err(too_many_cells());
    }
    let found = cells_in(&filled, resolution, 2.0 * radius)?;
    let mut slots = vec![None; expected.max(found.len())];
    for cell in found {
        let first = (u64::from(cell) % slots.len() as u64) as usize;
        let free = (first..slots.len()).chain(0..first).find(|&slot| slots[slot].is_none());
        if let Some(slot) = free {
            slots[slot] = Some(cell);
        }
    }
    Ok(Some(slots.into_iter().flatten().collect()))
}

/// The cells along the edges, as far as they are inside, and all that can be reached from them inside.
fn cells_in(polygon: &Polygon<f64>, resolution: Resolution, step: f64) -> Result<Vec<CellIndex>> {
    let mut seen = HashSet::new();
    let mut found: Vec<CellIndex> = Vec::new();
    let add_around = |cell: CellIndex, seen: &mut HashSet<CellIndex>, found: &mut Vec<CellIndex>| {
        for near in cell.grid_disk::<Vec<_>>(1) {
            let center = LatLng::from(near);
            if seen.insert(near) && polygon.contains(&Point::new(center.lng(), center.lat())) {
                found.push(near);
            }
        }
    };
    for edge in polygon.lines_iter() {
        let steps = (place(edge.start)?.distance_rads(place(edge.end)?) / step).ceil().max(1.0);
        for index in 0..steps as usize {
            let at = edge.start + edge.delta() * (index as f64 / steps);
            add_around(place(at)?.to_cell(resolution), &mut seen, &mut found);
        }
    }
    let mut next = 0;
    while let Some(cell) = found.get(next).copied() {
        next += 1;
        add_around(cell, &mut seen, &mut found);
    }
    Ok(found)
}

/// From the center of the smallest cells of a resolution to a corner, in radians.
fn least_radius(resolution: Resolution) -> f64 {
    let corner = resolution.pentagons().next().and_then(|cell| {
        let corner = cell.boundary().first().copied()?;
        Some(LatLng::from(cell).distance_rads(corner))
    });
    corner.unwrap_or_else(|| resolution.edge_length_rads())
}

fn place(at: Coord<f64>) -> Result<LatLng> {
    LatLng::new(at.y, at.x)
        .map_err(|_| invalid(format!("invalid longitude and latitude: {}, {}", at.x, at.y)))
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    /// The guide's pages; it ends one latitude of the boundary in 5796, the last bit of a double away.
    #[test]
    fn cells_are_those_of_the_guide() {
        let boundary = "POLYGON((87.7729641223953 52.6542030078627,86.7082098104731 40.3127667561966,\
                        98.2285042557705 33.6210697806835,110.694610548823 37.1638964857959,\
                        116.212895637138 47.3094513028131,106.40349563788 56.210610737585,\
                        87.7729641223953 52.6542030078627))";
        assert_values(&[
            ("h3_fromlonglat(0, 0, 10)", "623560421467684863"),
            ("h3_frompoint(st_geomfromtext('POINT(0 0)'), 10)", "623560421467684863"),
            (
                "json_serialize(h3_polyfill(st_geomfromtext('POLYGON((0 0, 0 1, 1 1, 1 0, 0 0))'), 4))",
                "[596538848238895103,596538805289222143,596538856828829695,596538813879156735,\
                 596537920525959167,596538685030137855,596538693620072447,596538839648960511]",
            ),
            ("st_astext(h3_boundary('8025fffffffffff'))", boundary),
            ("st_astext(h3_boundary(577129255373111295))", boundary),
            ("h3_center('8025fffffffffff')", "010100000070707A550B605940AEE9D70B327E4640"),
            ("h3_center(577129255373111295)", "010100000070707A550B605940AEE9D70B327E4640"),
            ("st_asewkt(h3_center('8075fffffffffff'))", "POINT(-5.24539029677733 2.30088211162675)"),
            ("h3_toparent('85283473fffffff', 0)", "577199624117288959"),
            ("h3_toparent(646078419604526808, 8)", "614553222213795839"),
        ]);
    }

    #[test]
    fn indexes_and_resolutions_must_be_valid() {
        assert_values(&[
            ("h3_isvalid('85283473fffffff')", "t"),
            // The hole takes away what is in it; no center is in the last one.
            ("get_array_length(h3_polyfill(st_geomfromtext('POLYGON((0 0,0 9,9 9,9 0,0 0))'), 3))", "101"),
            (
                "get_array_length(h3_polyfill(st_geomfromtext('POLYGON((0 0,0 9,9 9,9 0,0 0),(2 2,7 2,7 7,2 7,2 2))'), 3))",
                "70",
            ),
            (
                "get_array_length(h3_polyfill(st_geomfromtext('POLYGON((0 0,0 0.001,0.001 0.001,0.001 0,0 0))'), 2))",
                "0",
            ),
            ("h3_isvalid('85283473')", "f"),
            ("h3_isvalid(0)", "f"),
            ("h3_resolution('85283473fffffff')", "5"),
            ("h3_resolution(NULL::bigint)", "NULL"),
            (
                "json_serialize(h3_tochildren('85283473fffffff', 6))",
                "[604189641121202175,604189641255419903,604189641389637631,604189641523855359,604189641658073087,\
                 604189641792290815,604189641926508543]",
            ),
            (
                "h3_toparent('85283473fffffff', 6)",
                "error: H3 resolution 6 is not coarser than that of the index, 5",
            ),
            (
                "h3_tochildren('85283473fffffff', 4)",
                "error: H3 resolution 4 is not finer than that of the index, 5",
            ),
            ("h3_tochildren('8025fffffffffff', 15)", "error: more than 800000 H3 cells in one value"),
            ("h3_resolution('x')", "error: invalid H3 index: x"),
            ("h3_fromlonglat(0, 0, 16)", "error: invalid H3 resolution: 16 (must be between 0 and 15)"),
            ("h3_polyfill(st_point(0, 0), 4)", "error: h3_polyfill: the geometry must be a polygon"),
            ("h3_polyfill(st_geomfromtext('POLYGON EMPTY'), 4)", "NULL"),
        ]);
    }
}
