//! Spatial reference systems by their numbers in the EPSG registry: longitude and latitude, coordinates from the centre of
//! the earth, Web Mercator, and the zones of UTM. WGS 84, ETRS89 and NAD83 are taken for one datum.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

/// Longitude, latitude (in radians) and height, or what a system makes of them.
pub(super) type Coordinates = [f64; 3];

/// Half the greater axis of the ellipsoids, in metres.
const A: f64 = 6_378_137.0;
const WGS_84: f64 = 1.0 / 298.257_223_563;
/// Of ETRS89 and NAD83.
const GRS_80: f64 = 1.0 / 298.257_222_101;

/// One system.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReferenceSystem {
    flattening: f64,
    projection: Projection,
}

#[derive(Debug, Clone, Copy)]
enum Projection {
    Geographic,
    Geocentric,
    WebMercator,
    Utm { zone: i32, south: bool },
}

impl ReferenceSystem {
    /// The system of a number, if it is one of these.
    pub(super) fn of_srid(srid: i32) -> Option<Self> {
        let utm = |first: i32, south: bool| Projection::Utm { zone: srid - first + 1, south };
        let (flattening, projection) = match srid {
            4326 | 4979 => (WGS_84, Projection::Geographic),
            // ETRS89, NAD83, NAD83(2011), IG05/12: in two dimensions and in three.
            4258 | 4269 | 4937 | 6318 | 6319 | 6989 | 6990 => (GRS_80, Projection::Geographic),
            4978 => (WGS_84, Projection::Geocentric),
            4936 | 6317 | 6988 => (GRS_80, Projection::Geocentric),
            3857 => (WGS_84, Projection::WebMercator),
            32_601..=32_660 => (WGS_84, utm(32_601, false)),
            32_701..=32_760 => (WGS_84, utm(32_701, true)),
            25_828..=25_838 => (GRS_80, utm(25_801, false)),
            26_901..=26_923 => (GRS_80, utm(26_901, false)),
            _ => return None,
        };
        Some(Self { flattening, projection })
    }

    /// Longitude and latitude, and the height over the ellipsoid. What has no place is no number.
    pub(super) fn to_geographic(self, [x, y, z]: Coordinates) -> Coordinates {
        match self.projection {
            Projection::Geographic => [x.to_radians(), y.to_radians(), z],
            Projection::Geocentric => self.of_centre([x, y, z]),
            Projection::WebMercator => [x / A, FRAC_PI_2 - 2.0 * (-y / A).exp().atan(), z],
            Projection::Utm { zone, south } => {
                let north = if south { y - FALSE_NORTHING } else { y };
                let [longitude, latitude] = self.mercator().inverse((x - FALSE_EASTING) / A, north / A);
                [wrapped(longitude + meridian(zone)), latitude, z]
            }
        }
    }

    /// The other way.
    pub(super) fn of_geographic(self, [longitude, latitude, height]: Coordinates) -> Coordinates {
        match self.projection {
            Projection::Geographic => [longitude.to_degrees(), latitude.to_degrees(), height],
            Projection::Geocentric => {
                let normal = self.normal(latitude);
                let ring = (normal + height) * latitude.cos();
                let up = (normal * (1.0 - self.eccentricity()) + height) * latitude.sin();
                [ring * longitude.cos(), ring * longitude.sin(), up]
            }
            Projection::WebMercator => [A * longitude, A * (FRAC_PI_4 + latitude / 2.0).tan().ln(), height],
            Projection::Utm { zone, south } => {
                let [x, y] = self.mercator().forward(wrapped(longitude - meridian(zone)), latitude);
                let north = A * y;
                let north = if south { north + FALSE_NORTHING } else { north };
                [A * x + FALSE_EASTING, north, height]
            }
        }
    }

    /// The square of the eccentricity of the ellipsoid.
    fn eccentricity(self) -> f64 {
        self.flattening * (2.0 - self.flattening)
    }

    /// From the surface to the axis, along the normal.
    fn normal(self, latitude: f64) -> f64 {
        A / (1.0 - self.eccentricity() * latitude.sin().powi(2)).sqrt()
    }

    /// Bowring's formula.
    fn of_centre(self, [x, y, z]: Coordinates) -> Coordinates {
        let b = A * (1.0 - self.flattening);
        let ring = x.hypot(y);
        let (sin, cos) = (z * A).atan2(ring * b).sin_cos();
        let second = self.eccentricity() / (1.0 - self.eccentricity());
        let latitude = (z + second * b * sin.powi(3)).atan2(ring - self.eccentricity() * A * cos.powi(3));
        let height = if latitude.cos().abs() < 1e-6 {
            z.abs() - b
        } else {
            ring / latitude.cos() - self.normal(latitude)
        };
        [y.atan2(x), latitude, height]
    }

    fn mercator(self) -> TransverseMercator {
        TransverseMercator::new(self.flattening)
    }
}

const FALSE_EASTING: f64 = 500_000.0;
const FALSE_NORTHING: f64 = 10_000_000.0;

/// The middle of a zone of UTM.
fn meridian(zone: i32) -> f64 {
    f64::from(6 * zone - 183).to_radians()
}

fn wrapped(longitude: f64) -> f64 {
    if longitude.abs() <= PI { longitude } else { longitude - TAU * (longitude / TAU).round() }
}

/// The transverse Mercator projection of an ellipsoid by the series of Krüger in the form of Poder and Engsager, which PROJ
/// takes too: good far from the zone.
struct TransverseMercator {
    scale: f64,
    /// Of the sphere's latitude for the ellipsoid's, and back.
    to_sphere: [f64; 6],
    of_sphere: [f64; 6],
    /// From the sphere's projection to the ellipsoid's, and back.
    to_plane: [f64; 6],
    of_plane: [f64; 6],
}

/// Where the series end to be of use.
const REACH: f64 = 2.623_395_162_778;

impl TransverseMercator {
    fn new(flattening: f64) -> Self {
        let n = flattening / (2.0 - flattening);
        let of_sphere = series(
            n,
            &[
                &[2.0, -2.0 / 3.0, -2.0, 116.0 / 45.0, 26.0 / 45.0, -2854.0 / 675.0],
                &[7.0 / 3.0, -8.0 / 5.0, -227.0 / 45.0, 2704.0 / 315.0, 2323.0 / 945.0],
                &[56.0 / 15.0, -136.0 / 35.0, -1262.0 / 105.0, 73814.0 / 2835.0],
                &[4279.0 / 630.0, -332.0 / 35.0, -399_572.0 / 14175.0],
                &[4174.0 / 315.0, -144_838.0 / 6237.0],
                &[601_676.0 / 22275.0],
            ],
        );
        let to_sphere = series(
            n,
            &[
                &[-2.0, 2.0 / 3.0, 4.0 / 3.0, -82.0 / 45.0, 32.0 / 45.0, 4642.0 / 4725.0],
                &[5.0 / 3.0, -16.0 / 15.0, -13.0 / 9.0, 904.0 / 315.0, -1522.0 / 945.0],
                &[-26.0 / 15.0, 34.0 / 21.0, 8.0 / 5.0, -12686.0 / 2835.0],
                &[1237.0 / 630.0, -12.0 / 5.0, -24832.0 / 14175.0],
                &[-734.0 / 315.0, 109_598.0 / 31185.0],
                &[444_337.0 / 155_925.0],
            ],
        );
        let of_plane = series(
            n,
            &[
                &[-0.5, 2.0 / 3.0, -37.0 / 96.0, 1.0 / 360.0, 81.0 / 512.0, -96199.0 / 604_800.0],
                &[-1.0 / 48.0, -1.0 / 15.0, 437.0 / 1440.0, -46.0 / 105.0, 1_118_711.0 / 3_870_720.0],
                &[-17.0 / 480.0, 37.0 / 840.0, 209.0 / 4480.0, -5569.0 / 90720.0],
                &[-4397.0 / 161_280.0, 11.0 / 504.0, 830_251.0 / 7_257_600.0],
                &[-4583.0 / 161_280.0, 108_847.0 / 3_991_680.0],
                &[-20_648_693.0 / 638_668_800.0],
            ],
        );
        let to_plane = series(
            n,
            &[
                &[0.5, -2.0 / 3.0, 5.0 / 16.0, 41.0 / 180.0, -127.0 / 288.0, 7891.0 / 37800.0],
                &[13.0 / 48.0, -3.0 / 5.0, 557.0 / 1440.0, 281.0 / 630.0, -1_983_433.0 / 1_935_360.0],
                &[61.0 / 240.0, -103.0 / 140.0, 15061.0 / 26880.0, 167_603.0 / 181_440.0],
                &[49561.0 / 161_280.0, -179.0 / 168.0, 6_601_661.0 / 7_257_600.0],
                &[34729.0 / 80640.0, -3_418_889.0 / 1_995_840.0],
                &[212_378_941.0 / 319_334_400.0],
            ],
        );
        let square = n * n;
        let scale = 1.0 / (1.0 + n) * (1.0 + square * (1.0 / 4.0 + square * (1.0 / 64.0 + square / 256.0)));
        // The scale at a zone's middle.
        Self { scale: 0.9996 * scale, to_sphere, of_sphere, to_plane, of_plane }
    }

    /// From the longitude off the meridian, and the latitude.
    fn forward(&self, longitude: f64, latitude: f64) -> [f64; 2] {
        let (sin_latitude, cos_latitude) = shifted(&self.to_sphere, latitude).sin_cos();
        let (sin_longitude, cos_longitude) = longitude.sin_cos();
        let across = cos_latitude * cos_longitude;
        let tangent = sin_longitude * cos_latitude * (1.0 / sin_latitude.hypot(across));
        let [north, east] = on_plane(&self.to_plane, sin_latitude.atan2(across), tangent.asinh());
        if east.abs() > REACH {
            return [f64::NAN; 2];
        }
        [self.scale * east, self.scale * north]
    }

    fn inverse(&self, x: f64, y: f64) -> [f64; 2] {
        let (north, east) = (y / self.scale, x / self.scale);
        if east.abs() > REACH {
            return [f64::NAN; 2];
        }
        let [north, east] = on_plane(&self.of_plane, north, east);
        let (sin_north, cos_north) = north.sin_cos();
        let (sin_east, cos_east) = east.sinh().atan().sin_cos();
        let latitude = (sin_north * cos_east).atan2(sin_east.hypot(cos_east * cos_north));
        [sin_east.atan2(cos_east * cos_north), shifted(&self.of_sphere, latitude)]
    }
}

/// The coefficients of a series, each a polynomial of `n` that begins at its own power.
fn series(n: f64, polynomials: &[&[f64]; 6]) -> [f64; 6] {
    let mut power = 1.0;
    polynomials.map(|polynomial| {
        power *= n;
        power * polynomial.iter().rev().fold(0.0, |sum, coefficient| coefficient + n * sum)
    })
}

/// A latitude with a series of sines of its multiples, by Clenshaw.
fn shifted(series: &[f64; 6], latitude: f64) -> f64 {
    let double = 2.0 * latitude;
    let twice = 2.0 * double.cos();
    let (mut sum, mut last) = (0.0, 0.0);
    for coefficient in series.iter().rev() {
        (sum, last) = (twice * sum - last + coefficient, sum);
    }
    latitude + sum * double.sin()
}

/// The same of a complex number.
fn on_plane(series: &[f64; 6], north: f64, east: f64) -> [f64; 2] {
    let (sin, cos) = (2.0 * north).sin_cos();
    let (sinh, cosh) = ((2.0 * east).sinh(), (2.0 * east).cosh());
    let (real, imaginary) = (2.0 * cos * cosh, -2.0 * sin * sinh);
    let (mut sum, mut last) = ([0.0, 0.0], [0.0, 0.0]);
    for coefficient in series.iter().rev() {
        let next = [
            real * sum[0] - imaginary * sum[1] - last[0] + coefficient,
            imaginary * sum[0] + real * sum[1] - last[1],
        ];
        (sum, last) = (next, sum);
    }
    let (real, imaginary) = (sin * cosh, cos * sinh);
    [north + real * sum[0] - imaginary * sum[1], east + real * sum[1] + imaginary * sum[0]]
}
