//! Well-known text, and its extension by the SRID (EWKT).

use std::fmt::Write as _;

use super::geometry::{Dimensions, Geometry, Kind, Position, Shape};

/// Significant digits of a coordinate where none are asked for.
pub(super) const DEFAULT_PRECISION: usize = 15;
/// How deep collections may be in one another.
const MAX_DEPTH: usize = 15;

/// WKT with so many significant digits of each coordinate.
pub(super) fn write(geometry: &Geometry, precision: usize) -> String {
    let mut out = String::new();
    write_shape(&mut out, &geometry.shape, geometry.dimensions, precision);
    out
}

/// WKT behind the SRID, if there is one.
pub(super) fn write_extended(geometry: &Geometry, precision: usize) -> String {
    let text = write(geometry, precision);
    if geometry.srid == 0 { text } else { format!("SRID={};{text}", geometry.srid) }
}

fn write_shape(out: &mut String, shape: &Shape, dimensions: Dimensions, precision: usize) {
    out.push_str(&shape.kind().name().to_ascii_uppercase());
    if !dimensions.suffix().is_empty() {
        let _ = write!(out, " {} ", dimensions.suffix());
    }
    write_body(out, shape, dimensions, precision);
}

fn write_body(out: &mut String, shape: &Shape, dimensions: Dimensions, precision: usize) {
    match shape {
        Shape::Point(Some(position)) => list(out, std::slice::from_ref(position), |out, position| {
            write_position(out, position, dimensions, precision);
        }),
        Shape::LineString(line) if !line.is_empty() => {
            list(out, line, |out, position| write_position(out, position, dimensions, precision));
        }
        Shape::Polygon(rings) if !rings.is_empty() => list(out, rings, |out, ring| {
            list(out, ring, |out, position| write_position(out, position, dimensions, precision));
        }),
        Shape::Many(Kind::GeometryCollection, members) if !members.is_empty() => {
            list(out, members, |out, member| write_shape(out, member, dimensions, precision));
        }
        Shape::Many(_, members) if !members.is_empty() => {
            list(out, members, |out, member| write_body(out, member, dimensions, precision));
        }
        _ => {
            if !out.ends_with([' ', '(', ',']) && !out.is_empty() {
                out.push(' ');
            }
            out.push_str("EMPTY");
        }
    }
}

fn list<T>(out: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    out.push('(');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(')');
}

fn write_position(out: &mut String, position: &Position, dimensions: Dimensions, precision: usize) {
    for (index, place) in dimensions.places().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(&significant(position[place], precision));
    }
}

/// A number with so many significant digits and no zeros at its end, as C's `%g` writes it.
pub(super) fn significant(value: f64, precision: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let precision = precision.max(1);
    let exponential = format!("{value:.*e}", precision - 1);
    let Some((mantissa, exponent)) = exponential.split_once('e') else { return exponential };
    let Ok(exponent) = exponent.parse::<i32>() else { return exponential };
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= precision as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    trimmed(&format!("{value:.*}", (precision as i32 - 1 - exponent).max(0) as usize))
}

/// A geometry from WKT; an SRID in front is taken if `extended`.
pub(super) fn read(text: &str, extended: bool) -> Option<Geometry> {
    let text = text.trim();
    let (srid, text) = match text.get(..5).filter(|start| extended && start.eq_ignore_ascii_case("srid=")) {
        Some(_) => {
            let (srid, rest) = text[5..].split_once(';')?;
            (srid.trim().parse().ok()?, rest)
        }
        None => (0, text),
    };
    let mut reader = Reader { rest: text, dimensions: None };
    let shape = reader.shape(0)?;
    reader.rest.trim().is_empty().then_some(Geometry {
        srid,
        dimensions: reader.dimensions.unwrap_or_default(),
        shape,
    })
}

struct Reader<'a> {
    rest: &'a str,
    /// What has been said, or shown by the first position.
    dimensions: Option<Dimensions>,
}

impl Reader<'_> {
    fn word(&mut self) -> String {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let word = text[..end].to_ascii_uppercase();
        self.rest = &text[end..];
        word
    }

    fn eat(&mut self, token: char) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Whether EMPTY stands here, which is read.
    fn is_empty(&mut self) -> bool {
        let text = self.rest.trim_start();
        let found = text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("empty"));
        if found {
            self.rest = &text[5..];
        }
        found
    }

    fn shape(&mut self, depth: usize) -> Option<Shape> {
        let word = self.word();
        let find = |name: &str| Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
        let (kind, mut said) = match find(&word) {
            Some(kind) => (kind, String::new()),
            // POINTZ, POINTM, POINTZM.
            None => ["ZM", "Z", "M"].iter().find_map(|suffix| {
                let name = word.strip_suffix(suffix)?;
                Some((find(name)?, (*suffix).to_owned()))
            })?,
        };
        let before = self.rest;
        if said.is_empty() {
            said = self.word();
        }
        let dimensions = match said.as_str() {
            "Z" => Some(Dimensions { z: true, m: false }),
            "M" => Some(Dimensions { z: false, m: true }),
            "ZM" => Some(Dimensions { z: true, m: true }),
            _ => {
                self.rest = before;
                None
            }
        };
        if let Some(dimensions) = dimensions
            && *self.dimensions.get_or_insert(dimensions) != dimensions
        {
            return None;
        }
        self.body(kind, depth)
    }

    fn body(&mut self, kind: Kind, depth: usize) -> Option<Shape> {
        if self.is_empty() {
            return Some(Shape::empty(kind));
        }
        Some(match kind {
            Kind::Point => {
                let mut points = self.list(Self::position)?;
                let point = points.pop()?;
                if !points.is_empty() {
                    return None;
                }
                Shape::Point(Some(point))
            }
            Kind::LineString => Shape::LineString(self.list(Self::position)?),
            Kind::Polygon => Shape::Polygon(self.list(|reader| reader.list(Self::position))?),
            Kind::MultiPoint => Shape::Many(
                kind,
                self.list(|reader| {
                    // The points of a multipoint may stand without parentheses.
                    if reader.rest.trim_start().starts_with('(')
                        || reader.rest.trim_start().starts_with(['E', 'e'])
                    {
                        reader.body(Kind::Point, depth)
                    } else {
                        Some(Shape::Point(Some(reader.position()?)))
                    }
                })?,
            ),
            Kind::GeometryCollection => {
                if depth == MAX_DEPTH {
                    return None;
                }
                Shape::Many(kind, self.list(|reader| reader.shape(depth + 1))?)
            }
            many => {
                let member = many.member()?;
                Shape::Many(many, self.list(|reader| reader.body(member, depth))?)
            }
        })
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        if !self.eat('(') {
            return None;
        }
        let mut items = vec![item(self)?];
        while self.eat(',') {
            items.push(item(self)?);
        }
        self.eat(')').then_some(items)
    }

    fn position(&mut self) -> Option<Position> {
        let mut numbers = Vec::new();
        loop {
            let text = self.rest.trim_start();
            let end = text
                .find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')))
                .unwrap_or(text.len());
            if end == 0 {
                break;
            }
            let number: f64 = text[..end].parse().ok()?;
            numbers.push(number);
            self.rest = &text[end..];
        }
        let shown = match numbers.len() {
            2 => Dimensions::default(),
            3 => self.dimensions.filter(|said| said.count() == 3).unwrap_or(Dimensions { z: true, m: false }),
            4 => Dimensions { z: true, m: true },
            _ => return None,
        };
        if *self.dimensions.get_or_insert(shown) != shown || numbers.iter().any(|number| !number.is_finite())
        {
            return None;
        }
        let mut position = [0.0; 4];
        shown.places().zip(numbers).for_each(|(place, number)| position[place] = number);
        Some(position)
    }
}
