//! The pipelines that the binary carries.

/// Names of the built-in pipelines.
pub(crate) const NAMES: &[&str] = &["sparkify"];

macro_rules! sparkify {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../pipelines/sparkify/", $path))),)*]
    };
}

/// Every file of `pipelines/sparkify/`.
const SPARKIFY: &[(&str, &str)] = sparkify![
    "checks/artists_are_on_earth.sql",
    "checks/artists_have_one_row_each.sql",
    "checks/dimensions_hold_all_of_staging.sql",
    "checks/every_play_is_a_songplay.sql",
    "checks/levels_are_known.sql",
    "checks/songplays_have_one_row_each.sql",
    "checks/songplays_have_their_artist.sql",
    "checks/songplays_have_their_song.sql",
    "checks/songplays_have_their_time.sql",
    "checks/songplays_have_their_user.sql",
    "checks/songs_are_plausible.sql",
    "checks/songs_have_one_row_each.sql",
    "checks/songs_have_their_artist.sql",
    "checks/staging_holds_what_was_loaded.sql",
    "checks/time_has_one_row_per_moment.sql",
    "checks/time_parts_are_in_range.sql",
    "checks/users_have_one_row_each.sql",
    "dashboard.toml",
    "expected/demo/daily_active_users.csv",
    "expected/demo/free_and_paid.csv",
    "expected/demo/input.csv",
    "expected/demo/level_changes.csv",
    "expected/demo/longest_sessions.csv",
    "expected/demo/matched_plays.csv",
    "expected/demo/plays_by_browser.csv",
    "expected/demo/plays_by_day_and_level.csv",
    "expected/demo/plays_by_decade.csv",
    "expected/demo/plays_by_gender.csv",
    "expected/demo/plays_by_hour.csv",
    "expected/demo/plays_by_week.csv",
    "expected/demo/plays_by_weekday.csv",
    "expected/demo/plays_by_weekday_and_hour.csv",
    "expected/demo/session_lengths.csv",
    "expected/demo/table_rows.csv",
    "expected/demo/top_artists.csv",
    "expected/demo/top_locations.csv",
    "expected/demo/top_songs.csv",
    "expected/demo/top_users.csv",
    "expected/demo/totals.csv",
    "expected/full/daily_active_users.csv",
    "expected/full/free_and_paid.csv",
    "expected/full/input.csv",
    "expected/full/level_changes.csv",
    "expected/full/longest_sessions.csv",
    "expected/full/matched_plays.csv",
    "expected/full/plays_by_browser.csv",
    "expected/full/plays_by_day_and_level.csv",
    "expected/full/plays_by_decade.csv",
    "expected/full/plays_by_gender.csv",
    "expected/full/plays_by_hour.csv",
    "expected/full/plays_by_week.csv",
    "expected/full/plays_by_weekday.csv",
    "expected/full/plays_by_weekday_and_hour.csv",
    "expected/full/session_lengths.csv",
    "expected/full/table_rows.csv",
    "expected/full/top_artists.csv",
    "expected/full/top_locations.csv",
    "expected/full/top_songs.csv",
    "expected/full/top_users.csv",
    "expected/full/totals.csv",
    "expected/sample/daily_active_users.csv",
    "expected/sample/free_and_paid.csv",
    "expected/sample/input.csv",
    "expected/sample/level_changes.csv",
    "expected/sample/longest_sessions.csv",
    "expected/sample/matched_plays.csv",
    "expected/sample/plays_by_browser.csv",
    "expected/sample/plays_by_day_and_level.csv",
    "expected/sample/plays_by_decade.csv",
    "expected/sample/plays_by_gender.csv",
    "expected/sample/plays_by_hour.csv",
    "expected/sample/plays_by_week.csv",
    "expected/sample/plays_by_weekday.csv",
    "expected/sample/plays_by_weekday_and_hour.csv",
    "expected/sample/session_lengths.csv",
    "expected/sample/table_rows.csv",
    "expected/sample/top_artists.csv",
    "expected/sample/top_locations.csv",
    "expected/sample/top_songs.csv",
    "expected/sample/top_users.csv",
    "expected/sample/totals.csv",
    "load/staging_events.sql",
    "load/staging_songs.sql",
    "pipeline.toml",
    "queries/daily_active_users.sql",
    "queries/free_and_paid.sql",
    "queries/level_changes.sql",
    "queries/longest_sessions.sql",
    "queries/matched_plays.sql",
    "queries/plays_by_browser.sql",
    "queries/plays_by_day_and_level.sql",
    "queries/plays_by_decade.sql",
    "queries/plays_by_gender.sql",
    "queries/plays_by_hour.sql",
    "queries/plays_by_week.sql",
    "queries/plays_by_weekday.sql",
    "queries/plays_by_weekday_and_hour.sql",
    "queries/session_lengths.sql",
    "queries/table_rows.sql",
    "queries/top_artists.sql",
    "queries/top_locations.sql",
    "queries/top_songs.sql",
    "queries/top_users.sql",
    "queries/totals.sql",
    "tables/artists.sql",
    "tables/songplays.sql",
    "tables/songs.sql",
    "tables/staging_events.sql",
    "tables/staging_songs.sql",
    "tables/time.sql",
    "tables/users.sql",
    "transform/artists.sql",
    "transform/songplays.sql",
    "transform/songs.sql",
    "transform/time.sql",
    "transform/users.sql",
];

/// Path and text of each file of a pipeline; `None` if none of that name is built in.
pub(crate) fn files(name: &str) -> Option<&'static [(&'static str, &'static str)]> {
    (name == "sparkify").then_some(SPARKIFY)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::SPARKIFY;
    use crate::files::Files;

    #[test]
    fn the_binary_carries_every_file_of_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/sparkify");
        let files = Files::read(&folder).expect("the folder of the pipeline");
        let on_disk: Vec<&str> = files.iter().map(|(path, _)| path).collect();
        let carried: Vec<&str> = SPARKIFY.iter().map(|(path, _)| *path).collect();
        let mut sorted = carried.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, on_disk, "add the missing ones to SPARKIFY");
    }
}
