//! `TO_CHAR(timestamp, template)` and `TO_CHAR(number, template)` (RS 4.2).

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;

use super::format::{ZonedClock, format};
use super::template;
use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};
use crate::functions::number::template::NumberTemplate;

pub(super) const FUNCTION: Function =
    Function::new("to_char", &[Parameter::Any, Parameter::Text], Returns::Text, |call| {
        if call.data_type(0).is_numeric() { of_number(call) } else { of_timestamp(call) }
    });

fn of_timestamp(call: &Call<'_>) -> Result<ArrayRef> {
    let (moments, templates) = (call.moment(0)?, call.text(1)?);
    let constant = templates.is_constant().then(|| template::parse(templates.at(0)));
    let zone = call.text_style().zone;
    let utc = if call.is_zoned(0) { Some(call.instant(0)?) } else { None };
    call.build_text(|row| {
        let local = moments.at(row);
        let clock = ZonedClock {
            local,
            utc: utc.as_ref().map_or_else(|| zone.utc_of_local(local), |utc| utc.at(row)),
            zone,
        };
        Ok(Some(match &constant {
            Some(items) => format(items, &clock),
            None => format(&template::parse(templates.at(row)), &clock),
        }))
    })
}

fn of_number(call: &Call<'_>) -> Result<ArrayRef> {
    let templates = call.text(1)?;
    let constant = templates.is_constant().then(|| NumberTemplate::parse(templates.at(0)));
    // The shortest text of a double says what its digits are; NUMERIC and integers print exactly.
    let texts = call.text(0)?;
    let doubles = match call.data_type(0) {
        DataType::Float32 | DataType::Float64 => Some(call.double(0)?),
        _ => None,
    };
    call.build_text(|row| {
        let digits = match &doubles {
            Some(doubles) => format!("{}", doubles.at(row)),
            None => texts.at(row).to_owned(),
        };
        Ok(Some(match &constant {
            Some(template) => template.format(&digits),
            None => NumberTemplate::parse(templates.at(row)).format(&digits),
        }))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn timestamps_are_written_as_the_guide_shows() {
        assert_values(&[
            (
                "to_char(TIMESTAMP '2009-12-31 23:15:59', 'MONTH-DY-DD-YYYY HH12:MIPM')",
                "DECEMBER -THU-31-2009 11:15PM",
            ),
            ("to_char(TIMESTAMP '2009-12-31 23:15:59', 'DDD')", "365"),
            ("to_char(TIMESTAMP '2022-05-16 23:15:59', 'ID')", "1"),
            ("to_char(DATE '2009-12-31', 'MONTH')", "DECEMBER "),
            ("to_char(TIMESTAMP '2008-01-25 14:30:00', 'MON-DD-YYYY HH12:MIPM')", "JAN-25-2008 02:30PM"),
            ("to_char(TIMESTAMP '2009-12-31 23:15:59', 'HH24:MI:SS')", "23:15:59"),
            ("to_char(TIMESTAMP '2008-02-18 02:36:48', 'cc')", "21"),
            ("to_char(TIMESTAMP '2008-01-25 14:30:00', 'HH12:MI:SS TZ')", "02:30:00 UTC"),
        ]);
    }

    #[test]
    fn every_pattern_of_postgresql_is_known() {
        let at = |template: &str| format!("to_char(TIMESTAMP '2018-11-05 08:05:09.012345', '{template}')");
        let cases = [
            ("FMMonth DDth, Y,YYY", "November 05th, 2,018"),
            ("Day|dy|D|ID|IDDD", "Monday   |mon|2|1|309"),
            ("FMDD FMMM FMHH24", "5 11 8"),
            ("YYYY YYY YY Y", "2018 018 18 8"),
            ("IYYY-IW WW W", "2018-45 45 1"),
            ("MS US SSSS", "012 012345 29109"),
            ("Q J RM", "4 2458428 XI  "),
            ("HH a.m. AD", "08 a.m. AD"),
            ("\"YYYY is\" YYYY", "YYYY is 2018"),
            ("9999-99-99", "9999-99-99"),
        ];
        for (template, expected) in cases {
            assert_values(&[(&at(template), expected)]);
        }
    }

    #[test]
    fn numbers_are_written_as_the_guide_shows() {
        assert_values(&[
            ("to_char(-125.8, '999D99S')", "125.80-"),
            ("to_char(618.80, 'rn')", "          dcxix"),
            ("to_char(618.80, 'l99999D99')", "$   618.80"),
            ("to_char(1541121934796, '9999-99-99 99:99:99')", "  154-11-21 93:47:96"),
        ]);
    }
}
