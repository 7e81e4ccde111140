//! Well-known binary, and its extension by the SRID and the dimensions (EWKB), which GEOMETRY is kept and printed as in
//! hexadecimal.

use dwh_common::hex;

use super::geometry::{Dimensions, Geometry, Kind, Position, Shape};

const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_SRID: u32 = 0x2000_0000;
/// dwh's own: the geometry is not to be kept with its bounding box.
const WITHOUT_BOX: u32 = 0x1000_0000;
/// How deep collections may be in one another.
const MAX_DEPTH: usize = 15;

/// EWKB in hexadecimal.
pub(super) fn to_hex(geometry: &Geometry) -> String {
    hex::encode(write(geometry, true)).to_ascii_uppercase()
}

/// EWKB in hexadecimal of a geometry that is not to be kept with its bounding box.
pub(super) fn to_hex_without_box(geometry: &Geometry) -> String {
    let mut bytes = write(geometry, true);
    // The highest byte of the little-endian number behind the byte order.
    if let Some(byte) = bytes.get_mut(4) {
        *byte |= WITHOUT_BOX.to_be_bytes()[0];
    }
    hex::encode(bytes).to_ascii_uppercase()
}

/// Whether digits of [`to_hex_without_box`] are given.
pub(super) fn is_without_box(digits: &[u8]) -> bool {
    let highest = digits.get(8..10).and_then(|byte| std::str::from_utf8(byte).ok());
    let highest = highest.and_then(|byte| u8::from_str_radix(byte, 16).ok()).unwrap_or(0);
    digits.starts_with(b"01") && highest & WITHOUT_BOX.to_be_bytes()[0] != 0
}

/// WKB of the Open Geospatial Consortium, which has no SRID, in hexadecimal.
pub(super) fn to_plain_hex(geometry: &Geometry) -> String {
    hex::encode(write(geometry, false)).to_ascii_uppercase()
}

fn write(geometry: &Geometry, extended: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let srid = (extended && geometry.srid != 0).then_some(geometry.srid);
    write_shape(&mut out, &geometry.shape, geometry.dimensions, extended, srid);
    out
}

fn write_shape(out: &mut Vec<u8>, shape: &Shape, dimensions: Dimensions, extended: bool, srid: Option<i32>) {
    let mut number = shape.kind().number();
    if extended {
        number |= if dimensions.z { HAS_Z } else { 0 };
        number |= if dimensions.m { HAS_M } else { 0 };
        number |= if srid.is_some() { HAS_SRID } else { 0 };
    } else {
        number += 1_000 * u32::from(dimensions.z) + 2_000 * u32::from(dimensions.m);
    }
    out.push(1);
    out.extend(number.to_le_bytes());
    out.extend(srid.into_iter().flat_map(i32::to_le_bytes));
    let count = |out: &mut Vec<u8>, count: usize| out.extend((count as u32).to_le_bytes());
    let position = |out: &mut Vec<u8>, position: &Position| {
        dimensions.places().for_each(|place| out.extend(position[place].to_le_bytes()));
    };
    match shape {
        Shape::Point(point) => position(out, &point.unwrap_or([f64::NAN; 4])),
        Shape::LineString(line) => {
            count(out, line.len());
            line.iter().for_each(|point| position(out, point));
        }
        Shape::Polygon(rings) => {
            count(out, rings.len());
            for ring in rings {
                count(out, ring.len());
                ring.iter().for_each(|point| position(out, point));
            }
        }
        Shape::Many(_, members) => {
            count(out, members.len());
            members.iter().for_each(|member| write_shape(out, member, dimensions, extended, None));
        }
    }
}

/// A geometry from hexadecimal digits of WKB or EWKB.
pub(super) fn of_hex(text: &str) -> Option<Geometry> {
    let bytes = hex::decode(text.trim())?;
    let mut reader = Reader { rest: &bytes, little: true };
    let (shape, dimensions, srid) = reader.shape(0)?;
    reader.rest.is_empty().then_some(Geometry { srid: srid.unwrap_or(0), dimensions, shape })
}

struct Reader<'a> {
    rest: &'a [u8],
    little: bool,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u32> {
        let bytes = self.bytes()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// A number of things that take at least so many bytes each.
    fn count(&mut self, least_bytes: usize) -> Option<usize> {
        let count = self.number()? as usize;
        (count.checked_mul(least_bytes)? <= self.rest.len()).then_some(count)
    }

    fn position(&mut self, dimensions: Dimensions) -> Option<Position> {
        let mut position = [0.0; 4];
        for place in dimensions.places() {
            let bytes = self.bytes()?;
            position[place] = if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) };
        }
        Some(position)
    }

    fn line(&mut self, dimensions: Dimensions) -> Option<Vec<Position>> {
        let count = self.count(8 * dimensions.count())?;
        (0..count).map(|_| self.position(dimensions)).collect()
    }

    fn shape(&mut self, depth: usize) -> Option<(Shape, Dimensions, Option<i32>)> {
        self.little = match self.bytes::<1>()? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let number = self.number()?;
        let iso = (number & 0x0FFF_FFFF) / 1_000;
        let dimensions = Dimensions {
            z: number & HAS_Z != 0 || iso == 1 || iso == 3,
            m: number & HAS_M != 0 || iso == 2 || iso == 3,
        };
        let srid = if number & HAS_SRID == 0 { None } else { Some(self.number()? as i32) };
        let place = (number & 0x0FFF_FFFF) % 1_000;
        let kind = *Kind::ALL.get((place as usize).checked_sub(1)?)?;
        let shape = match kind {
            Kind::Point => {
                let position = self.position(dimensions)?;
                Shape::Point((!position[0].is_nan()).then_some(position))
            }
            Kind::LineString => Shape::LineString(self.line(dimensions)?),
            Kind::Polygon => {
                let rings = self.count(4)?;
                Shape::Polygon((0..rings).map(|_| self.line(dimensions)).collect::<Option<_>>()?)
            }
            many => {
                let count = self.count(5)?;
                if depth == MAX_DEPTH {
                    return None;
                }
                let mut members = Vec::with_capacity(count);
                for _ in 0..count {
                    let (member, of_member, _) = self.shape(depth + 1)?;
                    let fits = many.member().is_none_or(|wanted| member.kind() == wanted);
                    if of_member != dimensions || !fits {
                        return None;
                    }
                    members.push(member);
                }
                Shape::Many(many, members)
            }
        };
        Some((shape, dimensions, srid))
    }
}
