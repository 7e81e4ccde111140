//! `ST_IsSimple` and `ST_IsRing` (the guide, "Geometric simplicity"): no two points or parts of lines fall together but
//! at the ends of lines.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line};

use super::geometry::{Kind, Position, Shape};

pub(super) fn is_simple(shape: &Shape) -> bool {
    match shape {
        Shape::Point(_) => true,
        Shape::LineString(line) => is_simple_line(line),
        Shape::Polygon(rings) => !rings.iter().any(|ring| repeats(ring)),
        Shape::Many(Kind::MultiPoint, _) => {
            let points = shape.positions();
            (1..points.len()).all(|place| !points[..place].iter().any(|other| same(other, &points[place])))
        }
        Shape::Many(Kind::MultiLineString, lines) => are_simple_lines(lines),
        Shape::Many(_, members) => members.iter().all(is_simple),
    }
}

fn is_closed(line: &[Position]) -> bool {
    matches!((line.first(), line.last()), (Some(first), Some(last)) if same(first, last))
}

fn same(one: &Position, other: &Position) -> bool {
    one[..2] == other[..2]
}

fn repeats(line: &[Position]) -> bool {
    line.windows(2).any(|pair| same(&pair[0], &pair[1]))
}

fn segments(line: &[Position]) -> Vec<Line<f64>> {
    let at = |position: &Position| Coord { x: position[0], y: position[1] };
    line.windows(2).map(|pair| Line::new(at(&pair[0]), at(&pair[1]))).collect()
}

fn is_simple_line(line: &[Position]) -> bool {
    if repeats(line) {
        return false;
    }
    let segments = segments(line);
    let last = segments.len().saturating_sub(1);
    let may_meet = |one: usize, other: usize, at: Coord<f64>| {
        let neighbours = other == one + 1 && at == segments[other].start;
        let ends = one == 0 && other == last && at == segments[0].start && at == segments[last].end;
        neighbours || ends
    };
    (0..segments.len()).all(|one| {
        (one + 1..segments.len()).all(|other| match line_intersection(segments[one], segments[other]) {
            None => true,
            Some(LineIntersection::SinglePoint { intersection, .. }) => may_meet(one, other, intersection),
            Some(LineIntersection::Collinear { .. }) => false,
        })
    })
}

fn are_simple_lines(lines: &[Shape]) -> bool {
    let lines: Vec<Vec<Position>> =
        lines.iter().map(Shape::positions).filter(|line| !line.is_empty()).collect();
    if !lines.iter().all(|line| is_simple_line(line)) {
        return false;
    }
    // A closed line has no ends.
    let is_end = |line: &[Position], at: Coord<f64>| {
        let mut ends = [line.first(), line.last()].into_iter().flatten();
        !is_closed(line) && ends.any(|end| end[..2] == [at.x, at.y])
    };
    (0..lines.len()).all(|one| {
        (one + 1..lines.len()).all(|other| {
            let others = segments(&lines[other]);
            segments(&lines[one]).into_iter().all(|segment| {
                others.iter().all(|second| match line_intersection(segment, *second) {
                    None => true,
                    Some(LineIntersection::SinglePoint { intersection, .. }) => {
                        is_end(&lines[one], intersection) && is_end(&lines[other], intersection)
                    }
                    Some(LineIntersection::Collinear { .. }) => false,
                })
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn lines_meet_at_their_ends_only() {
        assert_values(&[
            // The guide's pages.
            ("st_issimple(st_geomfromtext('LINESTRING(0 0,10 0,5 5,5 -5)'))", "f"),
            ("st_isring(st_geomfromtext('linestring(0 0, 1 1, 1 2, 0 0)'))", "t"),
            ("st_issimple(st_geomfromtext('LINESTRING(0 0,1 1,1 2,0 0)'))", "t"),
            ("st_issimple(st_geomfromtext('LINESTRING(0 0,1 1,1 1,1 2)'))", "f"),
            ("st_issimple(st_geomfromtext('LINESTRING(0 0,2 0,1 0)'))", "f"),
            ("st_issimple(st_geomfromtext('MULTIPOINT((1 1),(2 2),(1 1))'))", "f"),
            ("st_issimple(st_geomfromtext('MULTILINESTRING((0 0,1 1),(1 1,2 0))'))", "t"),
            ("st_issimple(st_geomfromtext('MULTILINESTRING((0 0,2 2),(0 2,2 0))'))", "f"),
            ("st_issimple(st_geomfromtext('POLYGON EMPTY'))", "t"),
            ("st_isring(st_geomfromtext('LINESTRING(0 0,2 2,2 0,0 2,0 0)'))", "f"),
            (
                "st_isring(st_geomfromtext('POINT(1 1)'))",
                "error: st_isring: the geometry must be a linestring",
            ),
        ]);
    }
}
