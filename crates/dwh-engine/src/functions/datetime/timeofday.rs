//! `TIMEOFDAY()`: the wall clock in words. What else tells the time belongs to the session.

use chrono::Utc;

use crate::functions::function::{Function, Returns};

pub(super) const FUNCTION: Function = Function::new("timeofday", &[], Returns::Text, |call| {
    let now = Utc::now().format("%a %b %d %H:%M:%S%.6f %Y UTC").to_string();
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
