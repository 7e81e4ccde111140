//! Events, and their text: one JSON object a line, keys and spelling as in the public sample.

use crate::json::{push_hundred_thousandths, push_integer};
use crate::sessions::Sessions;

/// The thirteen pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Page {
    About,
    Downgrade,
    Error,
    Help,
    Home,
    Login,
    Logout,
    NextSong,
    SaveSettings,
    Settings,
    SubmitDowngrade,
    SubmitUpgrade,
    Upgrade,
}

/// One event.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    /// Milliseconds since 1970.
    pub(crate) ts: i64,
    pub(crate) session_id: u64,
    pub(crate) item_in_session: u32,
    pub(crate) user: u32,
    pub(crate) is_logged_in: bool,
    pub(crate) is_paid: bool,
    pub(crate) page: Page,
    /// Set for `NextSong`, and for nothing else.
    pub(crate) play: Option<Play>,
}

/// What a `NextSong` event names.
#[derive(Clone, Copy)]
pub(crate) struct Play {
    /// Index of the artist's name in [`Sessions::texts`].
    pub(crate) artist: u32,
    /// Index of the title in [`Sessions::texts`].
    pub(crate) title: u32,
    /// Hundred-thousandths of a second.
    pub(crate) length: u32,
}

impl Page {
    fn name(self) -> &'static str {
        match self {
            Self::About => "About",
            Self::Downgrade => "Downgrade",
            Self::Error => "Error",
            Self::Help => "Help",
            Self::Home => "Home",
            Self::Login => "Login",
            Self::Logout => "Logout",
            Self::NextSong => "NextSong",
            Self::SaveSettings => "Save Settings",
            Self::Settings => "Settings",
            Self::SubmitDowngrade => "Submit Downgrade",
            Self::SubmitUpgrade => "Submit Upgrade",
            Self::Upgrade => "Upgrade",
        }
    }

    fn method(self) -> &'static str {
        match self {
            Self::NextSong
            | Self::Login
            | Self::Logout
            | Self::SaveSettings
            | Self::SubmitDowngrade
            | Self::SubmitUpgrade => "PUT",
            _ => "GET",
        }
    }

    fn status(self) -> u64 {
        match self {
            Self::Error => 404,
            Self::Login | Self::Logout | Self::SaveSettings | Self::SubmitDowngrade | Self::SubmitUpgrade => {
                307
            }
            _ => 200,
        }
    }
}

/// Formats events into one buffer that is used again for every file.
pub(crate) struct EventWriter {
    out: Vec<u8>,
}

impl EventWriter {
    pub(crate) fn new() -> Self {
        Self { out: Vec::new() }
    }

    /// The lines of a file; the last one has no end, as in the public sample.
    pub(crate) fn write_all(&mut self, events: &[Event], sessions: &Sessions<'_>) -> &[u8] {
        self.out.clear();
        self.out.reserve(events.len() * 480);
        for (index, event) in events.iter().enumerate() {
            if index > 0 {
                self.out.push(b'\n');
            }
            self.write(event, sessions);
        }
        &self.out
    }

    fn write(&mut self, event: &Event, sessions: &Sessions<'_>) {
        let out = &mut self.out;
        let user = event.is_logged_in.then(|| &sessions.users[event.user as usize]);
        let auth = if event.is_logged_in { "Logged In" } else { "Logged Out" };
        let level = if event.is_paid { "paid" } else { "free" };

        out.extend_from_slice(b"{\"artist\":");
        out.extend_from_slice(event.play.map_or(b"null", |play| &sessions.texts[play.artist as usize]));
        out.extend_from_slice(b",\"auth\":\"");
        out.extend_from_slice(auth.as_bytes());
        out.extend_from_slice(b"\",");
        out.extend_from_slice(
            user.map_or(b"\"firstName\":null,\"gender\":null,\"itemInSession\":", |user| &user.head),
        );
        push_integer(out, u64::from(event.item_in_session));
        out.extend_from_slice(user.map_or(b",\"lastName\":null,\"length\":", |user| &user.last_name));
        match event.play {
            Some(play) => push_hundred_thousandths(out, i64::from(play.length)),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"level\":\"");
        out.extend_from_slice(level.as_bytes());
        out.extend_from_slice(b"\",");
        out.extend_from_slice(user.map_or(b"\"location\":null,", |user| &user.location));
        out.extend_from_slice(b"\"method\":\"");
        out.extend_from_slice(event.page.method().as_bytes());
        out.extend_from_slice(b"\",\"page\":\"");
        out.extend_from_slice(event.page.name().as_bytes());
        out.extend_from_slice(b"\",");
        out.extend_from_slice(user.map_or(b"\"registration\":null,", |user| &user.registration));
        out.extend_from_slice(b"\"sessionId\":");
        push_integer(out, event.session_id);
        out.extend_from_slice(b",\"song\":");
        out.extend_from_slice(event.play.map_or(b"null", |play| &sessions.texts[play.title as usize]));
        out.extend_from_slice(b",\"status\":");
        push_integer(out, event.page.status());
        out.extend_from_slice(b",\"ts\":");
        push_integer(out, event.ts.unsigned_abs());
        out.extend_from_slice(user.map_or(b",\"userAgent\":null,\"userId\":\"\"}", |user| &user.tail));
    }
}
