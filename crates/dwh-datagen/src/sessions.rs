//! Sessions: who is active when, and what they do. One day is made at a time, so that memory holds one log
//! file, whatever the scale.

use chrono::{Datelike, NaiveTime, Weekday};

use crate::catalog::{Catalog, artist_name, song_title};
use crate::events::{Event, Page, Play};
use crate::json::{Slash, push_string};
use crate::random::Random;
use crate::scale::Scale;
use crate::users::{User, users};

const DAY_MS: i64 = 86_400_000;
/// Every event of the public sample is this far into its second, so that some begin at the same time.
const MILLISECOND: i64 = 796;
/// Plays in 10,000 that mean a song of the catalog; 480 in the full public data, more here so that small
/// data sets have enough of them.
const CATALOG_PLAYS: u64 = 1_500;
/// Songs outside the catalog, at least.
const MIN_OTHER_SONGS: u32 = 2_000;
/// How often another user is tried when one is still busy.
const USER_ATTEMPTS: usize = 16;

/// Events by the hour of the day in the public sample (UTC): busiest in the afternoon.
const HOUR_WEIGHTS: [u64; 24] = [
    185, 201, 157, 130, 159, 206, 230, 219, 246, 311, 356, 391, 368, 415, 504, 577, 626, 572, 579, 431, 397,
    326, 247, 223,
];

pub(crate) struct Sessions<'a> {
    scale: &'a Scale,
    pub(crate) users: Vec<User>,
    /// JSON strings as the logs spell them: titles and artists of the catalog, two a song, then those of the
    /// songs outside it, two a song.
    pub(crate) texts: Vec<Vec<u8>>,
    /// Lengths of the same songs, in hundred-thousandths of a second.
    lengths: Vec<u32>,
    catalog_songs: u32,
    random: Random,
    next_session_id: u64,
    /// Sum of the weights of the days before the current one, and of all days.
    weight_before: u64,
    weight_of_all: u64,
}

impl<'a> Sessions<'a> {
    pub(crate) fn new(scale: &'a Scale, catalog: &Catalog) -> Self {
        let mut others = Random::stream(scale.seed, 2);
        let other_songs = scale.songs.max(MIN_OTHER_SONGS) as usize;
        let mut texts = Vec::with_capacity((catalog.songs.len() + other_songs) * 2);
        let mut lengths = Vec::with_capacity(catalog.songs.len() + other_songs);
        for song in &catalog.songs {
            texts.push(json_string(&song.title));
            texts.push(json_string(&song.artist_name));
            lengths.push(song.duration);
        }
        for _ in 0..other_songs {
            texts.push(json_string(&song_title(&mut others)));
            texts.push(json_string(&artist_name(&mut others)));
            lengths.push(others.between(6_000_000, 48_000_000) as u32);
        }
        Self {
            scale,
            users: users(scale, Random::stream(scale.seed, 3)),
            texts,
            lengths,
            catalog_songs: catalog.songs.len() as u32,
            random: Random::stream(scale.seed, 4),
            next_session_id: 1,
            weight_before: 0,
            weight_of_all: (0..scale.days).map(|day| day_weight(scale, day)).sum(),
        }
    }

    /// The events of the next day, by time. Days must be asked for in order, each once.
    pub(crate) fn day(&mut self, day: u32) -> Vec<Event> {
        // Whole numbers all the way: the days add up to the scale's events exactly.
        let share =
            |weight: u64| u128::from(self.scale.events) * u128::from(weight) / u128::from(self.weight_of_all);
        let before = share(self.weight_before);
        self.weight_before += day_weight(self.scale, day);
        let wanted = (u128::from(self.scale.events) * u128::from(self.weight_before)
            / u128::from(self.weight_of_all)
            - before) as usize;

        let midnight = self.scale.date(day).and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let mut events = Vec::with_capacity(wanted);
        while events.len() < wanted {
            self.session(midnight, wanted, &mut events);
        }
        events.sort_unstable_by_key(|event| (event.ts, event.session_id, event.item_in_session));
        events
    }

    /// Adds one session, cut at the end of the day and at `wanted` events.
    fn session(&mut self, midnight: i64, wanted: usize, events: &mut Vec<Event>) {
        let day_end = midnight + DAY_MS;
        let (user, start) = self.user_and_start(midnight);
        let mut session = Session {
            id: self.next_session_id,
            item: 0,
            ts: start,
            day_end,
            wanted,
            user,
            is_paid: self.users[user as usize].is_paid,
            is_left: false,
            events,
        };
        self.next_session_id += 1;

        if self.random.one_in_10_000(600) {
            session.log_in(&mut self.random);
        } else if self.random.one_in_10_000(4_200) {
            session.visit(Page::Home, &mut self.random);
        }
        // Paying users listen longer; either way most sessions are short and a few very long.
        let mean = if session.is_paid { 24 } else { 7 };
        let mut songs = 1 + self.random.skewed(mean * 4);
        while session.is_open() && !session.is_left && songs > 0 {
            songs -= 1;
            let play = self.play();
            session.listen(play);
            session.wander(&mut self.random);
        }
        let (free_at, is_paid) = (session.ts, session.is_paid);
        let user = &mut self.users[user as usize];
        user.free_at = free_at;
        user.is_paid = is_paid;
    }

    /// A user who is free, and when the session starts. A user's sessions follow one another, unless there
    /// are too few users for the events of a day.
    fn user_and_start(&mut self, midnight: i64) -> (u32, i64) {
        for _ in 0..USER_ATTEMPTS {
            let user = self.random.skewed(self.users.len() as u64) as u32;
            let gap = self.random.between(60, 3_600) as i64 * 1_000;
            let start = self.start(midnight).max(self.users[user as usize].free_at.saturating_add(gap));
            if start < midnight + DAY_MS {
                return (user, start);
            }
        }
        (self.random.below(self.users.len() as u64) as u32, self.start(midnight))
    }

    fn start(&mut self, midnight: i64) -> i64 {
        let mut point = self.random.below(HOUR_WEIGHTS.iter().sum());
        let mut hour = 0;
        for (index, weight) in HOUR_WEIGHTS.iter().enumerate() {
            hour = index as i64;
            if point < *weight {
                break;
            }
            point -= weight;
        }
        midnight + hour * 3_600_000 + self.random.below(3_600) as i64 * 1_000 + MILLISECOND
    }

    fn play(&mut self) -> Play {
        let all = self.lengths.len() as u64;
        let catalog = u64::from(self.catalog_songs);
        if catalog == 0 || !self.random.one_in_10_000(CATALOG_PLAYS) {
            let other = catalog + self.random.skewed(all - catalog);
            return self.song(other);
        }
        let song = self.random.skewed(catalog);
        let mut play = self.song(song);
        match self.random.below(100) {
            // Within a second of the catalog's duration: still the same song.
            0..5 => play.length += self.random.between(1, 90_000) as u32,
            // Another cut of it: not the same.
            5..10 => play.length += self.random.between(110_000, 3_000_000) as u32,
            // The same title by someone else.
            10..14 => {
                let other = catalog + self.random.below(all - catalog);
                play.artist = self.song(other).artist;
            }
            _ => {}
        }
        play
    }

    fn song(&self, index: u64) -> Play {
        let index = index as u32;
        Play { title: index * 2, artist: index * 2 + 1, length: self.lengths[index as usize] }
    }
}

/// A session while it grows.
struct Session<'a> {
    id: u64,
    item: u32,
    ts: i64,
    day_end: i64,
    wanted: usize,
    user: u32,
    is_paid: bool,
    /// Logged out, and not back.
    is_left: bool,
    events: &'a mut Vec<Event>,
}

impl Session<'_> {
    fn is_open(&self) -> bool {
        self.ts < self.day_end && self.events.len() < self.wanted
    }

    fn push(&mut self, page: Page, is_logged_in: bool, play: Option<Play>) {
        if self.is_open() {
            self.events.push(Event {
                ts: self.ts,
                session_id: self.id,
                item_in_session: self.item,
                user: self.user,
                is_logged_in,
                is_paid: self.is_paid,
                page,
                play,
            });
            self.item += 1;
        }
    }

    fn listen(&mut self, play: Play) {
        self.push(Page::NextSong, true, Some(play));
        // The next event comes when the song is over, in whole seconds as in the public sample.
        self.ts += i64::from(play.length / 100_000) * 1_000;
    }

    fn visit(&mut self, page: Page, random: &mut Random) {
        self.push(page, true, None);
        self.pause(random);
    }

    fn visit_logged_out(&mut self, page: Page, random: &mut Random) {
        self.push(page, false, None);
        self.pause(random);
    }

    fn pause(&mut self, random: &mut Random) {
        self.ts += random.between(1, 90) as i64 * 1_000;
    }

    /// Pages of somebody who is not logged in yet, up to the login.
    fn log_in(&mut self, random: &mut Random) {
        self.visit_logged_out(Page::Home, random);
        match random.below(10) {
            0 => self.visit_logged_out(Page::About, random),
            1 => self.visit_logged_out(Page::Help, random),
            2..4 => self.visit_logged_out(Page::Home, random),
            _ => {}
        }
        self.visit_logged_out(Page::Login, random);
        self.visit(Page::Home, random);
    }

    /// What may happen between two songs, in the shares of the public sample.
    fn wander(&mut self, random: &mut Random) {
        match random.below(10_000) {
            0..560 => self.visit(Page::Home, random),
            560..640 => {
                self.visit(Page::Settings, random);
                if random.one_in_10_000(1_800) {
                    self.visit(Page::SaveSettings, random);
                }
            }
            640..695 => self.visit(Page::Help, random),
            695..727 => self.visit(Page::About, random),
            727..740 => self.visit(Page::Error, random),
            740..870 => {
                self.visit(Page::Logout, random);
                if random.one_in_10_000(5_000) {
                    self.log_in(random);
                } else {
                    self.visit_logged_out(Page::Home, random);
                    self.is_left = true;
                }
            }
            870..960 if self.is_paid => {
                self.visit(Page::Downgrade, random);
                if random.one_in_10_000(600) {
                    self.visit(Page::SubmitDowngrade, random);
                    self.is_paid = false;
                    self.visit(Page::Home, random);
                }
            }
            870..950 => {
                self.visit(Page::Upgrade, random);
                if random.one_in_10_000(3_500) {
                    self.visit(Page::SubmitUpgrade, random);
                    self.is_paid = true;
                    self.visit(Page::Home, random);
                }
            }
            _ => {}
        }
    }
}

/// Weekdays have more events than weekends, by the shares of the public sample.
fn day_weight(scale: &Scale, day: u32) -> u64 {
    match scale.date(day).weekday() {
        Weekday::Mon | Weekday::Tue | Weekday::Thu => 3,
        Weekday::Wed | Weekday::Fri => 4,
        Weekday::Sat => 2,
        Weekday::Sun => 1,
    }
}

fn json_string(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    push_string(&mut out, text, Slash::Escaped);
    out
}
