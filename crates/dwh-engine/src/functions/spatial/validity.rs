//! `ST_IsValid`: what `geo` asks of a geometry, and that the rings of a polygon leave its inside in one piece.

use geo::Validation;

use super::geometry::{Geometry, Position, Shape};
use super::planar::planar;

pub(super) fn is_valid(geometry: &Geometry) -> bool {
    if geometry.is_empty() {
        return true;
    }
    let is_whole = |shape: &&Shape| match shape {
        Shape::Polygon(rings) => is_connected(rings),
        _ => true,
    };
    planar(geometry).is_valid() && geometry.shape.simple().iter().all(is_whole)
}

/// Rings that touch in a circle part the inside: a graph of rings and of the points where they touch must be a forest.
fn is_connected(rings: &[Vec<Position>]) -> bool {
    let mut points: Vec<Position> = Vec::new();
    for (index, ring) in rings.iter().enumerate() {
        let others = || rings.iter().enumerate().filter(|(other, _)| *other != index);
        for vertex in ring {
            if others().any(|(_, other)| lies_on(vertex, other))
                && !points.iter().any(|known| known[..2] == vertex[..2])
            {
                points.push(*vertex);
            }
        }
    }
    let mut groups: Vec<usize> = (0..rings.len() + points.len()).collect();
    for (place, point) in points.iter().enumerate() {
        for (ring, _) in rings.iter().enumerate().filter(|(_, ring)| lies_on(point, ring)) {
            let (one, other) = (groups[ring], groups[rings.len() + place]);
            if one == other {
                return false;
            }
            groups.iter_mut().filter(|group| **group == other).for_each(|group| *group = one);
        }
    }
    true
}

fn lies_on(point: &Position, ring: &[Position]) -> bool {
    ring.windows(2).any(|pair| {
        let [from, to] = [pair[0], pair[1]];
        let cross = (to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0]);
        let within =
            |place: usize| (from[place].min(to[place])..=from[place].max(to[place])).contains(&point[place]);
        cross == 0.0 && within(0) && within(1)
    })
}
