//! `TIMEOFDAY()`: the wall clock in words. What else tells the time belongs to the session.

use chrono::{DateTime, Utc};

use crate::functions::function::{Function, Returns};

pub(super) const FUNCTION: Function = Function::new("timeofday", &[], Returns::Text, |call| {
    let (now, zone) = (Utc::now(), call.text_style().zone);
    let utc = now.timestamp_micros();
    let local = DateTime::from_timestamp_micros(zone.local_of_utc(utc)).unwrap_or(now);
    let mut now = local.format("%a %b %d %H:%M:%S%.6f %Y ").to_string();
    zone.write_abbreviation(&mut now, utc);
    call.build_text(|_| Ok(Some(&now)))
});

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn timeofday_is_text_of_the_guides_shape() {
        assert_values(&[(
            r"timeofday() ~ '^[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9:]{8}\\.[0-9]{6} [0-9]{4} UTC$'",
            "t",
        )]);
    }
}
