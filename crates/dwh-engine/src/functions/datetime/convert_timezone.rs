//! `CONVERT_TIMEZONE([source,] target, timestamp)` and `TIMEZONE(zone, timestamp)` (RS 4.2).

use arrow::datatypes::TimestampMicrosecondType;
use dwh_common::RedshiftType;

use super::zone::Zone;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

/// The source is UTC unless given; the result is a TIMESTAMP.
pub(super) const CONVERT_TIMEZONE: Function = Function {
    optional: 1,
    ..Function::new(
        "convert_timezone",
        &[Parameter::Text, Parameter::Any, Parameter::DateTime],
        Returns::Type(RedshiftType::Timestamp),
        |call| {
            let with_source = call.len() == 3;
            let source = if with_source { call.text(0)? } else { call.text_or(call.len(), "UTC")? };
            let target = call.text(usize::from(with_source))?;
            // A TIMESTAMPTZ counts in UTC, whatever the session's zone.
            let last = call.len() - 1;
            let moments = if call.is_zoned(last) { call.instant(last)? } else { call.timestamp(last)? };
            call.build::<TimestampMicrosecondType>(|row| {
                let (source, target) = (Zone::parse(source.at(row))?, Zone::parse(target.at(row))?);
                Ok(Some(target.local_of_utc(source.utc_of_local(moments.at(row)))))
            })
        },
    )
};

/// A TIMESTAMP is read in the zone and becomes a TIMESTAMPTZ; a TIMESTAMPTZ becomes the zone's local
/// TIMESTAMP. `x AT TIME ZONE z` means the same.
pub(super) const TIMEZONE: Function = Function::new(
    "timezone",
    &[Parameter::Text, Parameter::DateTime],
    Returns::Of(|types: &ArgumentTypes<'_>| {
        Ok(match types.redshift_type(1) {
            RedshiftType::TimestampTz => RedshiftType::Timestamp,
            _ => RedshiftType::TimestampTz,
        })
    }),
    |call| {
        let (zones, has_zone) = (call.text(0)?, call.is_zoned(1));
        let moments = if has_zone { call.instant(1)? } else { call.timestamp(1)? };
        call.build::<TimestampMicrosecondType>(|row| {
            let zone = Zone::parse(zones.at(row))?;
            let moment = moments.at(row);
            Ok(Some(if has_zone { zone.local_of_utc(moment) } else { zone.utc_of_local(moment) }))
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn zones_follow_the_guide() {
        assert_values(&[
            ("convert_timezone('PST', TIMESTAMP '2008-08-21 07:23:54')", "2008-08-20 23:23:54"),
            ("convert_timezone('EST', 'PST', TIMESTAMP '2007-03-01 09:00:00')", "2007-03-01 06:00:00"),
            ("convert_timezone('America/New_York', '2013-06-01 16:00:00')", "2013-06-01 12:00:00"),
            ("convert_timezone('GMT', 'NEWZONE +2', TIMESTAMP '2013-02-01 12:00:00')", "2013-02-01 10:00:00"),
            ("timezone('America/New_York', TIMESTAMP '2018-07-01 12:00:00')", "2018-07-01 16:00:00+00"),
            ("timezone('EST', TIMESTAMPTZ '2018-07-01 12:00:00+00')", "2018-07-01 07:00:00"),
            ("convert_timezone('Mars', TIMESTAMP '2018-07-01')", "error: time zone \"Mars\" not recognized"),
        ]);
    }
}
