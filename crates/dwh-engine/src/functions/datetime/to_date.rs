//! `TO_DATE(text, template [, strict])` and `TO_TIMESTAMP(text, template [, strict])` (RS 4.2).

use arrow::datatypes::{Date32Type, TimestampMicrosecondType};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::calendar;
use super::read::read;
use super::template::{self, Item};
use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

const PARAMETERS: &[Parameter] = &[Parameter::Text, Parameter::Text, Parameter::Boolean];

pub(super) const TO_DATE: Function = Function {
    optional: 1,
    ..Function::new("to_date", PARAMETERS, Returns::Type(RedshiftType::Date), |call| {
        let micros = readings(call)?;
        call.build::<Date32Type>(|row| Ok(Some(calendar::days_of_micros(micros(row)?))))
    })
};

pub(super) const TO_TIMESTAMP: Function = Function {
    optional: 1,
    ..Function::new("to_timestamp", PARAMETERS, Returns::Type(RedshiftType::TimestampTz), |call| {
        let (local, zone) = (readings(call)?, call.text_style().zone);
        call.build::<TimestampMicrosecondType>(|row| local(row).map(|local| Some(zone.utc_of_local(local))))
    })
};

/// The microseconds of each row's text.
fn readings(call: &Call<'_>) -> Result<impl Fn(usize) -> Result<i64>> {
    let (texts, templates, strict) = (call.text(0)?, call.text(1)?, call.boolean_or_false(2)?);
    let constant: Option<Vec<Item>> = templates.is_constant().then(|| template::parse(templates.at(0)));
    Ok(move |row| match &constant {
        Some(items) => read(items, texts.at(row), strict.at(row)),
        None => read(&template::parse(templates.at(row)), texts.at(row), strict.at(row)),
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn dates_are_read_by_template_and_run_over() {
        assert_values(&[
            ("to_date('02 Oct 2001', 'DD Mon YYYY')", "2001-10-02"),
            ("to_date('20010631', 'YYYYMMDD')", "2001-07-01"),
            ("to_date('20010631', 'YYYYMMDD', FALSE)", "2001-07-01"),
            (
                "to_date('20010631', 'YYYYMMDD', TRUE)",
                "error: date/time field date value out of range: 2001-6-31",
            ),
            ("to_date('2018-11-15', 'YYYY-MM-DD')", "2018-11-15"),
            ("to_date('15/11/18', 'DD/MM/YY')", "2018-11-15"),
            ("to_date('2018-46-4', 'IYYY-IW-ID')", "2018-11-15"),
            ("to_date('2018 319', 'YYYY DDD')", "2018-11-15"),
            ("to_date(NULL, 'YYYY')", "NULL"),
        ]);
    }

    #[test]
    fn timestamps_are_read_by_template() {
        assert_values(&[
            ("to_timestamp('05 Dec 2000', 'DD Mon YYYY')", "2000-12-05 00:00:00+00"),
            (
                "to_timestamp('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS', TRUE)",
                "error: date/time field time value out of range: 24:38:15.0",
            ),
            ("to_timestamp('2011-12-18 04:38:15', 'YYYY-MM-DD HH24:MI:SS')", "2011-12-18 04:38:15+00"),
            (
                "to_timestamp('2018-11-15 01:30:26.796 PM', 'YYYY-MM-DD HH:MI:SS.MS PM')",
                "2018-11-15 13:30:26.796+00",
            ),
            ("to_timestamp('2018-11-15 23:59:61', 'YYYY-MM-DD HH24:MI:SS')", "2018-11-16 00:00:01+00"),
            ("to_timestamp('2018-13-01', 'YYYY-MM-DD')", "2019-01-01 00:00:00+00"),
            ("to_timestamp('November 5, 2018', 'Month DD, YYYY')", "2018-11-05 00:00:00+00"),
            ("to_timestamp('20181115T083000', 'YYYYMMDD\"T\"HH24MISS')", "2018-11-15 08:30:00+00"),
            // No pattern in it, no error (RS 10.2).
            ("to_timestamp('2018-11-15 08:30:00', '9999-99-99 99:99:99') IS NULL", "f"),
        ]);
    }
}
