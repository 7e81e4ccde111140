"""Whether two engines hold the same rows: a few aggregates that lost, doubled or garbled rows would change.

The SQL is common to all engines; what differs is filled in by each: `{bytes}` is the function for the length of
a text in bytes, other names in braces are columns.
"""

import math

# Sums stay within 64 bits, also of ten times the events.
EVENTS = """
    SELECT count(*) AS row_count, sum(ts - 1500000000000) AS ts_sum, min(ts) AS ts_min, max(ts) AS ts_max,
           count(DISTINCT {user_id}) AS users, count(song) AS plays, sum(length) AS length_sum,
           sum({item_in_session}) AS item_sum, sum(status) AS status_sum, count(DISTINCT location) AS locations,
           sum({bytes}(song)) AS song_bytes, sum({bytes}(artist)) AS artist_bytes,
           sum({bytes}({user_agent})) AS agent_bytes, sum({registration} / 1000.0) AS registration_sum
    FROM {table}
"""
SONGS = """
    SELECT count(*) AS row_count, sum(duration) AS duration_sum, count(artist_latitude) AS latitudes,
           sum(artist_longitude) AS longitude_sum, min(year) AS year_min, sum(year) AS year_sum,
           count(DISTINCT artist_id) AS artists, min(song_id) AS song_min, max(song_id) AS song_max,
           sum({bytes}(title)) AS title_bytes, sum({bytes}(artist_location)) AS location_bytes
    FROM {table}
"""
STAR_SCHEMA = """
    SELECT (SELECT count(*) FROM songplays) AS songplays, (SELECT count(song_id) FROM songplays) AS matched,
           (SELECT min(song_id) FROM songplays) AS song_min, (SELECT max(artist_id) FROM songplays) AS artist_max,
           (SELECT sum(user_id) FROM songplays) AS user_sum, (SELECT sum(session_id) FROM songplays) AS session_sum,
           (SELECT count(DISTINCT start_time) FROM songplays) AS moments,
           (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM users WHERE level = 'paid') AS paid,
           (SELECT count(*) FROM songs) AS songs, (SELECT sum(duration) FROM songs) AS duration_sum,
           (SELECT count(*) FROM artists) AS artists, (SELECT sum(latitude) FROM artists) AS latitude_sum,
           (SELECT count(*) FROM time) AS times, (SELECT sum(hour) FROM time) AS hour_sum,
           (SELECT sum(week) FROM time) AS week_sum, (SELECT sum(weekday) FROM time) AS weekday_sum
"""

# Sums of floating-point numbers depend on the order of addition.
FLOAT_COLUMNS = {"length_sum", "registration_sum", "duration_sum", "longitude_sum", "latitude_sum"}
FLOAT_TOLERANCE = 1e-9

# The columns of tables that keep the names of the JSON keys; a user who is logged out is an empty text.
JSON_KEY_COLUMNS = {
    "user_id": "nullif(\"userId\", '')",
    "item_in_session": '"itemInSession"',
    "user_agent": '"userAgent"',
    "registration": "registration",
}


def differences(expected: dict, actual: dict) -> list[str]:
    """The aggregates in which two results differ, as text."""
    found = []
    for name in expected.keys() | actual.keys():
        one, other = expected.get(name), actual.get(name)
        if name in FLOAT_COLUMNS and one is not None and other is not None:
            same = math.isclose(float(one), float(other), rel_tol=FLOAT_TOLERANCE)
        else:
            same = _exact(one) == _exact(other)
        if not same:
            found.append(f"{name}: {one} and {other}")
    return sorted(found)


def _exact(value) -> str:
    """Engines print a whole number as 5, 5.0 or '5'."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
