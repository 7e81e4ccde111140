//! A geometry: its shape, its dimensions and its spatial reference system (the guide, "Terminology for Amazon Redshift
//! spatial data").

use datafusion::error::Result;
use dwh_common::SqlState;

use crate::functions::error::sql_err;

/// x, y, z and m; z and m are 0 where a geometry has none.
pub(super) type Position = [f64; 4];

/// Which coordinates a geometry has beside x and y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Dimensions {
    pub(super) z: bool,
    pub(super) m: bool,
}

impl Dimensions {
    /// How many coordinates a position has.
    pub(super) fn count(self) -> usize {
        2 + usize::from(self.z) + usize::from(self.m)
    }

    /// The places of its coordinates in a [`Position`].
    pub(super) fn places(self) -> impl Iterator<Item = usize> {
        [0, 1].into_iter().chain(self.z.then_some(2)).chain(self.m.then_some(3))
    }

    /// As WKT writes them.
    pub(super) fn suffix(self) -> &'static str {
        match (self.z, self.m) {
            (false, false) => "",
            (true, false) => "Z",
            (false, true) => "M",
            (true, true) => "ZM",
        }
    }
}

/// The kinds of shapes, in the order of their numbers in WKB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    GeometryCollection,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Point,
        Self::LineString,
        Self::Polygon,
        Self::MultiPoint,
        Self::MultiLineString,
        Self::MultiPolygon,
        Self::GeometryCollection,
    ];

    /// As GeoJSON and `ST_GeometryType` write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::LineString => "LineString",
            Self::Polygon => "Polygon",
            Self::MultiPoint => "MultiPoint",
            Self::MultiLineString => "MultiLineString",
            Self::MultiPolygon => "MultiPolygon",
            Self::GeometryCollection => "GeometryCollection",
        }
    }

    /// Its number in WKB.
    pub(super) fn number(self) -> u32 {
        self as u32 + 1
    }

    /// What a collection of this kind holds; `None` of what may hold anything or is no collection.
    pub(super) fn member(self) -> Option<Self> {
        match self {
            Self::MultiPoint => Some(Self::Point),
            Self::MultiLineString => Some(Self::LineString),
            Self::MultiPolygon => Some(Self::Polygon),
            _ => None,
        }
    }

    /// The collection of shapes of this kind alone.
    pub(super) fn collection(self) -> Self {
        match self {
            Self::Point => Self::MultiPoint,
            Self::LineString => Self::MultiLineString,
            Self::Polygon => Self::MultiPolygon,
            _ => Self::GeometryCollection,
        }
    }
}

/// What a geometry looks like.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A point, which may be empty.
    Point(Option<Position>),
    LineString(Vec<Position>),
    /// Rings, the exterior one first; none if empty.
    Polygon(Vec<Vec<Position>>),
    /// A MULTI… or a GEOMETRYCOLLECTION.
    Many(Kind, Vec<Self>),
}

impl Shape {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Point(_) => Kind::Point,
            Self::LineString(_) => Kind::LineString,
            Self::Polygon(_) => Kind::Polygon,
            Self::Many(kind, _) => *kind,
        }
    }

    /// A shape of this kind without a position.
    pub(super) fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Point => Self::Point(None),
            Kind::LineString => Self::LineString(Vec::new()),
            Kind::Polygon => Self::Polygon(Vec::new()),
            many => Self::Many(many, Vec::new()),
        }
    }

    /// Its positions, in order.
    pub(super) fn positions(&self) -> Vec<Position> {
        let mut all = Vec::new();
        self.visit(&mut |position| all.push(*position));
        all
    }

    fn visit(&self, take: &mut impl FnMut(&Position)) {
        match self {
            Self::Point(position) => position.iter().for_each(take),
            Self::LineString(line) => line.iter().for_each(take),
            Self::Polygon(rings) => rings.iter().flatten().for_each(take),
            Self::Many(_, members) => members.iter().for_each(|member| member.visit(take)),
        }
    }

    /// Changes each position.
    pub(super) fn change(&mut self, change: &mut impl FnMut(&mut Position)) {
        match self {
            Self::Point(position) => position.iter_mut().for_each(change),
            Self::LineString(line) => line.iter_mut().for_each(change),
            Self::Polygon(rings) => rings.iter_mut().flatten().for_each(change),
            Self::Many(_, members) => members.iter_mut().for_each(|member| member.change(change)),
        }
    }

    /// The shapes that are no collections, in order.
    pub(super) fn simple(&self) -> Vec<&Self> {
        match self {
            Self::Many(_, members) => members.iter().flat_map(Self::simple).collect(),
            simple => vec![simple],
        }
    }

    /// The shapes that a collection holds, else the shape itself.
    pub(super) fn members(&self) -> &[Self] {
        match self {
            Self::Many(_, members) => members,
            simple => std::slice::from_ref(simple),
        }
    }

    /// Whether it has no position.
    pub(super) fn is_empty(&self) -> bool {
        self.positions().is_empty()
    }
}

/// A value of the type GEOMETRY.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Geometry {
    pub(super) srid: i32,
    pub(super) dimensions: Dimensions,
    pub(super) shape: Shape,
}

impl Geometry {
    /// Another shape in the same space.
    pub(super) fn with_shape(&self, shape: Shape) -> Self {
        Self { srid: self.srid, dimensions: self.dimensions, shape }
    }

    /// Another shape in the same plane.
    pub(super) fn flat(&self, shape: Shape) -> Self {
        Self { srid: self.srid, dimensions: Dimensions::default(), shape }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shape.is_empty()
    }

    /// The position of a point; `None` if it is empty.
    ///
    /// # Errors
    /// It is no point.
    pub(super) fn point(&self, function: &str) -> Result<Option<Position>> {
        match &self.shape {
            Shape::Point(position) => Ok(*position),
            _ => Err(must_be(function, "a point")),
        }
    }

    /// The positions of a linestring.
    ///
    /// # Errors
    /// It is no linestring.
    pub(super) fn line(&self, function: &str) -> Result<&[Position]> {
        match &self.shape {
            Shape::LineString(line) => Ok(line),
            _ => Err(must_be(function, "a linestring")),
        }
    }

    /// Two geometries are in one space.
    ///
    /// # Errors
    /// Their spatial reference systems differ.
    pub(super) fn check_same_srid(&self, other: &Self) -> Result<()> {
        if self.srid == other.srid {
            return Ok(());
        }
        let message = format!("geometries with different SRIDs: {} and {}", self.srid, other.srid);
        Err(sql_err(SqlState::InvalidParameterValue, message))
    }
}

/// 22023 for an argument of another kind.
pub(super) fn must_be(function: &str, what: &str) -> datafusion::error::DataFusionError {
    sql_err(SqlState::InvalidParameterValue, format!("{function}: the geometry must be {what}"))
}
