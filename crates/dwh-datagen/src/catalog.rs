//! The song catalog: artists, songs, and their files.

use crate::SONG_DATA_PREFIX;
use crate::json::{Slash, push_hundred_thousandths, push_integer, push_string};
use crate::random::Random;
use crate::scale::Scale;
use crate::words::{ADJECTIVES, ARTIST_PLACES, BAND_HEADS, BAND_NOUNS, NOUNS, TITLE_TAILS};

/// Song files in a folder, as in the public data.
const SONGS_PER_FOLDER: u32 = 24;
/// Artists for 100 songs, as in the public data.
const ARTISTS_PER_100_SONGS: u64 = 64;

/// The songs in the order of their files.
pub(crate) struct Catalog {
    pub(crate) songs: Vec<Song>,
}

/// One song, as its file tells it.
pub(crate) struct Song {
    number: u32,
    pub(crate) title: String,
    pub(crate) artist_name: String,
    artist_number: u32,
    location: &'static str,
    /// Hundred-thousandths of a degree.
    coordinates: Option<(i32, i32)>,
    /// Hundred-thousandths of a second.
    pub(crate) duration: u32,
    /// 0 where it is not known.
    year: u16,
}

struct Artist {
    name: String,
    location: &'static str,
    coordinates: Option<(i32, i32)>,
}

impl Catalog {
    pub(crate) fn new(scale: &Scale, mut random: Random) -> Self {
        let artist_count = (u64::from(scale.songs) * ARTISTS_PER_100_SONGS / 100).max(1);
        let artists: Vec<Artist> = (0..artist_count).map(|_| Artist::new(&mut random)).collect();
        let mut songs: Vec<Song> = Vec::with_capacity(scale.songs as usize);
        for number in 0..scale.songs {
            // Every artist has a first song; what is left goes to the popular ones.
            let is_first = u64::from(number) < artist_count;
            let artist_number = if is_first { u64::from(number) } else { random.skewed(artist_count) };
            let mut song =
                Song::new(number, artist_number as u32, &artists[artist_number as usize], &mut random);
            if !is_first {
                song.vary_artist(&mut random);
                // Now and then a song is released again, a fraction of a second longer.
                if random.one_in_10_000(200) {
                    let original = &songs[random.below(u64::from(number)) as usize];
                    song.title.clone_from(&original.title);
                    song.artist_name.clone_from(&original.artist_name);
                    song.artist_number = original.artist_number;
                    song.duration = original.duration + random.between(1_000, 90_000) as u32;
                }
            }
            songs.push(song);
        }
        Self { songs }
    }
}

impl Artist {
    fn new(random: &mut Random) -> Self {
        let (location, coordinates) = match random.below(100) {
            0..35 => {
                let (name, latitude, longitude) = random.pick(ARTIST_PLACES);
                (name, Some((latitude, longitude)))
            }
            35..55 => (random.pick(ARTIST_PLACES).0, None),
            _ => ("", None),
        };
        Self { name: artist_name(random), location, coordinates }
    }
}

impl Song {
    fn new(number: u32, artist_number: u32, artist: &Artist, random: &mut Random) -> Self {
        Self {
            number,
            title: song_title(random),
            artist_name: artist.name.clone(),
            artist_number,
            location: artist.location,
            coordinates: artist.coordinates,
            duration: random.between(6_000_000, 48_000_000) as u32,
            year: if random.one_in_10_000(3_200) { 0 } else { random.between(1961, 2010) as u16 },
        }
    }

    /// Other songs of an artist may know its name, place and coordinates differently.
    fn vary_artist(&mut self, random: &mut Random) {
        match random.below(100) {
            0..3 => self.artist_name = format!("{} feat. {}", self.artist_name, artist_name(random)),
            3..7 => self.coordinates = None,
            7..10 => {
                self.location = "";
                self.coordinates = None;
            }
            10..13 => self.location = random.pick(ARTIST_PLACES).0,
            _ => {}
        }
    }

    /// `song_data/A/B/C/TRABC….json`: the folders fill one after another.
    pub(crate) fn object_name(&self) -> String {
        let folder = self.number / SONGS_PER_FOLDER;
        let letter = |n: u32| char::from(b'A' + (n % 26) as u8);
        let (a, b, c) = (letter(folder / 676), letter(folder / 26), letter(folder));
        let tail = scrambled(self.number, 0x9E37_79B1);
        format!(
            "{SONG_DATA_PREFIX}{a}/{b}/{c}/TR{a}{b}{c}{}128F{:07X}.json",
            letters::<2>(tail),
            tail & 0xFFF_FFFF
        )
    }

    /// `SO`, five letters, `12`, and nine digits that hold the number, scrambled.
    fn id(&self) -> String {
        let tail = scrambled(self.number, 0x85EB_CA6B);
        format!("SO{}12AB{:07X}", letters::<5>(tail), tail & 0xFFF_FFFF)
    }

    fn artist_id(&self) -> String {
        let tail = scrambled(self.artist_number, 0xC2B2_AE35);
        format!("AR{}1187{:07X}", letters::<5>(tail), tail & 0xFFF_FFFF)
    }

    /// The file's text, on one line without an end.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"num_songs\": 1, \"artist_id\": \"");
        out.extend_from_slice(self.artist_id().as_bytes());
        out.extend_from_slice(b"\", \"artist_latitude\": ");
        push_degrees(out, self.coordinates.map(|(latitude, _)| latitude));
        out.extend_from_slice(b", \"artist_longitude\": ");
        push_degrees(out, self.coordinates.map(|(_, longitude)| longitude));
        out.extend_from_slice(b", \"artist_location\": ");
        push_string(out, self.location, Slash::Plain);
        out.extend_from_slice(b", \"artist_name\": ");
        push_string(out, &self.artist_name, Slash::Plain);
        out.extend_from_slice(b", \"song_id\": \"");
        out.extend_from_slice(self.id().as_bytes());
        out.extend_from_slice(b"\", \"title\": ");
        if is_number(&self.title) {
            // In the public data such titles are JSON numbers (RS 10.1).
            out.extend_from_slice(self.title.as_bytes());
        } else {
            push_string(out, &self.title, Slash::Plain);
        }
        out.extend_from_slice(b", \"duration\": ");
        push_hundred_thousandths(out, i64::from(self.duration));
        out.extend_from_slice(b", \"year\": ");
        push_integer(out, u64::from(self.year));
        out.push(b'}');
    }
}

fn push_degrees(out: &mut Vec<u8>, degrees: Option<i32>) {
    match degrees {
        Some(value) => push_hundred_thousandths(out, i64::from(value)),
        None => out.extend_from_slice(b"null"),
    }
}

fn is_number(title: &str) -> bool {
    title.bytes().all(|byte| byte.is_ascii_digit())
}

/// A song's title, with the oddities of real ones.
pub(crate) fn song_title(random: &mut Random) -> String {
    let adjective = random.pick(ADJECTIVES);
    let noun = random.pick(NOUNS);
    let other = random.pick(NOUNS);
    let title = match random.below(200) {
        0 => return random.between(2, 1999).to_string(),
        1..5 => format!("\"{noun}\""),
        5..12 => format!("Don't Call It {adjective}"),
        12..60 => format!("{noun} Of The {other}"),
        60..110 => format!("{adjective} {noun} {other}"),
        110..150 => format!("{noun} And {other}"),
        _ => format!("{adjective} {noun}"),
    };
    if random.one_in_10_000(2_500) { format!("{title} {}", random.pick(TITLE_TAILS)) } else { title }
}

/// An artist's name.
pub(crate) fn artist_name(random: &mut Random) -> String {
    let head = random.pick(BAND_HEADS);
    let noun = random.pick(BAND_NOUNS);
    match random.below(20) {
        0..2 => format!("{noun} / {}", random.pick(BAND_NOUNS)),
        2..4 => format!("{head} {noun} & {}", random.pick(ADJECTIVES)),
        4..8 => format!("{} {noun}", random.pick(ADJECTIVES)),
        8..12 => format!("{head} {} {noun}", random.pick(ADJECTIVES)),
        12..15 => format!("{noun} Of {}", random.pick(NOUNS)),
        _ => format!("{head} {noun}"),
    }
}

/// A one-to-one scrambling of 28 bits: an odd factor, so that no two numbers share an id.
fn scrambled(number: u32, odd_factor: u32) -> u32 {
    number.wrapping_mul(odd_factor | 1) & 0xFFF_FFFF
}

/// Letters that follow from `value`; they decorate an id and need not be unique.
fn letters<const N: usize>(value: u32) -> String {
    let mut rest = value ^ (value >> 11);
    (0..N)
        .map(|_| {
            let letter = char::from(b'A' + (rest % 26) as u8);
            rest /= 26;
            letter
        })
        .collect()
}
