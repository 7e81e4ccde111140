//! `DATE_PART(part, x)` and `EXTRACT(part FROM x)`, which the AST rewrite turns into `__extract`
//! (RS 4.2).

use arrow::array::{ArrayRef, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::calendar::MICROS_PER_DAY;
use super::parse::zoned_time;
use super::part::Part;
use super::zone::Zone;
use crate::functions::args::{Call, Column};
use crate::functions::cast::interval_parts;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

pub(super) const DATE_PART: Function = Function {
    aliases: &["datepart", "pgdate_part"],
    ..Function::new(
        "date_part",
        &[Parameter::Text, Parameter::Moment],
        Returns::Type(RedshiftType::Double),
        |call| {
            let part = part(call)?;
            if let Some(parts) = of_interval(call, part)? {
                return Ok(parts);
            }
            if let Some(moment) = of_moment(call, part)? {
                let value = |micros| match part {
                    Part::Epoch => part.date_part(micros),
                    _ => moment.offset_part(part, micros) as f64,
                };
                return call.build::<Float64Type>(|row| Ok(Some(value(moment.at(row)))));
            }
            let moments = call.moment(1)?;
            call.build::<Float64Type>(|row| Ok(Some(part.date_part(moments.at(row)))))
        },
    )
};

/// INTEGER, but BIGINT for what an INTEGER cannot hold: seconds since 1970 in every century. DOUBLE of a TIMESTAMPTZ,
/// and for the seconds of an interval, which the guide's examples show with their fraction.
pub(super) const EXTRACT: Function = Function::new(
    "__extract",
    &[Parameter::Text, Parameter::Moment],
    Returns::Of(|types: &ArgumentTypes<'_>| match types.text(0).map(Part::parse) {
        _ if is_zoned(types.data_type(1)) => Ok(RedshiftType::Double),
        Some(Ok(Part::Second)) if is_interval(types.data_type(1)) => Ok(RedshiftType::Double),
        Some(Ok(Part::Epoch)) => Ok(RedshiftType::BigInt),
        _ => Ok(RedshiftType::Integer),
    }),
    |call| {
        let part = part(call)?;
        if let Some(parts) = of_interval(call, part)? {
            return Ok(cast(&parts, call.return_type())?);
        }
        if let Some(moment) = of_moment(call, part)? {
            return call.build::<Float64Type>(|row| {
                Ok(Some(match part {
                    Part::Epoch => part.extract(moment.at(row)),
                    _ => moment.offset_part(part, moment.at(row)),
                } as f64))
            });
        }
        let moments = call.moment(1)?;
        if call.is_zoned(1) {
            return call.build::<Float64Type>(|row| Ok(Some(part.extract(moments.at(row)) as f64)));
        }
        if part == Part::Epoch {
            return call.build::<Int64Type>(|row| Ok(Some(part.extract(moments.at(row)))));
        }
        call.build::<Int32Type>(|row| Ok(Some(part.extract(moments.at(row)) as i32)))
    },
);

/// `EXTRACT(part FROM TIMETZ 'text')`: of what the literal says, before it is turned to UTC (the guide).
pub(super) const EXTRACT_OF_TIMETZ: Function = Function::new(
    "__extract_of_timetz",
    &[Parameter::Text, Parameter::Text],
    Returns::Type(RedshiftType::Integer),
    |call| {
        let part = part(call)?;
        let (texts, style) = (call.text(1)?, call.text_style());
        call.build::<Int32Type>(|row| {
            let (local, zone) = zoned_time(texts.at(row), &style)?;
            let offset = part.of_offset(zone.offset_at(zone.utc_of_local(local)));
            let time = local.rem_euclid(MICROS_PER_DAY);
            Ok(Some(offset.unwrap_or_else(|| part.extract(time)) as i32))
        })
    },
);

fn is_zoned(of: &DataType) -> bool {
    matches!(of, DataType::Timestamp(_, Some(_)))
}

fn is_interval(of: &DataType) -> bool {
    matches!(of, DataType::Interval(_) | DataType::Duration(_))
}

/// TIMESTAMPTZ in UTC, for the parts that do not follow the clock of the session's zone.
struct Moment {
    utc: Column<TimestampMicrosecondArray>,
    zone: Zone,
}

impl Moment {
    fn at(&self, row: usize) -> i64 {
        self.utc.at(row)
    }

    fn offset_part(&self, part: Part, utc: i64) -> i64 {
        part.of_offset(self.zone.offset_at(utc)).unwrap_or_default()
    }
}

/// The argument as a moment, if it is a TIMESTAMPTZ and its epoch or its zone is asked for.
fn of_moment(call: &Call<'_>, part: Part) -> Result<Option<Moment>> {
    if !call.is_zoned(1) || (part != Part::Epoch && part.of_offset(0).is_none()) {
        return Ok(None);
    }
    Ok(Some(Moment { utc: call.instant(1)?, zone: call.text_style().zone }))
}

/// The parts of intervals; `None` if the argument is none.
fn of_interval(call: &Call<'_>, part: Part) -> Result<Option<ArrayRef>> {
    if !is_interval(&call.data_type(1)) {
        return Ok(None);
    }
    let (intervals, constant) = call.array(1)?;
    let intervals = interval_parts(&intervals)?;
    let value = |row| part.of_interval(intervals.value(if constant { 0 } else { row }));
    call.build::<Float64Type>(|row| Ok(Some(value(row)))).map(Some)
}

/// The part, which is a word in the SQL text and so the same for every row.
pub(super) fn part(call: &Call<'_>) -> Result<Part> {
    let names = call.text(0)?;
    Part::parse(if call.rows() == 0 { "day" } else { names.at(0) })
}

/// `DATE_TRUNC('part', x)`: always TIMESTAMP, or TIMESTAMPTZ for one.
pub(super) const DATE_TRUNC: Function = Function::new(
    "date_trunc",
    &[Parameter::Text, Parameter::DateTime],
    Returns::Of(|types: &ArgumentTypes<'_>| {
        Ok(match types.redshift_type(1) {
            RedshiftType::TimestampTz => RedshiftType::TimestampTz,
            _ => RedshiftType::Timestamp,
        })
    }),
    date_trunc,
);

fn date_trunc(call: &Call<'_>) -> Result<ArrayRef> {
    let (part, moments) = (part(call)?, call.timestamp(1)?);
    let truncated = |local| part.truncate(local).ok_or_else(|| super::unit_not_supported(part));
    if !call.is_zoned(1) {
        return call.build::<TimestampMicrosecondType>(|row| truncated(moments.at(row)).map(Some));
    }
    let (zone, utc) = (call.text_style().zone, call.instant(1)?);
    call.build::<TimestampMicrosecondType>(|row| {
        let (local, start) = (moments.at(row), truncated(moments.at(row))?);
        // Within a day the offset stays, so that an hour that comes twice is told apart.
        Ok(Some(if part.is_of_time() { utc.at(row) - (local - start) } else { zone.utc_of_local(start) }))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn extract_numbers_parts_as_redshift() {
        assert_values(&[
            // 2018-11-18 is a Sunday.
            ("__extract('dayofweek', TIMESTAMP '2018-11-18 10:00:00')", "0"),
            ("__extract('weekday', TIMESTAMP '2018-11-17 10:00:00')", "6"),
            ("__extract('week', TIMESTAMP '2018-11-15 00:30:26.796')", "46"),
            ("__extract('week', DATE '2018-12-31')", "1"),
            ("__extract('hour', TIMESTAMP '2018-11-15 00:30:26.796')", "0"),
            ("__extract('dayofyear', DATE '2018-12-31')", "365"),
            ("__extract('quarter', DATE '2018-11-15')", "4"),
            ("__extract('epoch', TIMESTAMP '2018-11-15 00:30:26.796')", "1542241826"),
            // RS 4.1: only the field itself.
            ("__extract('ms', TIMESTAMP '2009-09-09 12:08:43.101')", "101"),
            ("__extract('sec', TIMESTAMP '2009-09-09 12:08:43.101')", "43"),
            (
                "__extract('epoch', TIMESTAMP '2018-11-15 01:00:00' - TIMESTAMP '2018-11-14 00:00:00')",
                "90000",
            ),
            // An interval's too are whole, but for its seconds (the guide's page EXTRACT).
            ("__extract('second', INTERVAL '3 days 10:20:30.75' DAY TO SECOND)", "30.75"),
            ("arrow_typeof(__extract('day', INTERVAL '3 days 10:20:30' DAY TO SECOND))", "Int32"),
            ("arrow_typeof(__extract('epoch', INTERVAL '1-2' YEAR TO MONTH))", "Int64"),
            ("__extract('minute', TIME '10:20:30')", "20"),
            ("__extract('year', CAST(NULL AS TIMESTAMP))", "NULL"),
            (
                "__extract('fortnight', DATE '2018-11-15')",
                "error: timestamp units \"fortnight\" not recognized",
            ),
        ]);
    }

    #[test]
    fn extract_reads_a_timetz_literal_in_its_own_zone() {
        assert_values(&[
            ("__extract_of_timetz('hour', '18:25:33.123456 EST')", "18"),
            ("__extract_of_timetz('ms', '18:25:33.123456 EST')", "123"),
            ("__extract_of_timetz('timezone_hour', '1.12.1997 07:37:16.00 PDT')", "-7"),
            ("__extract_of_timetz('timezone', '07:37+02:30')", "9000"),
            ("arrow_typeof(__extract('hour', TIMESTAMPTZ '2018-11-15 08:05:20+02'))", "Float64"),
        ]);
    }

    #[test]
    fn date_part_is_a_double_with_fractions() {
        assert_values(&[
            ("date_part('w', TIMESTAMP '2008-06-17 04:05:06')", "25"),
            ("date_part('minute', TIMESTAMP '2018-11-15 08:05:20')", "5"),
            ("date_part('sec', TIMESTAMP '2018-11-15 08:05:03.189717')", "3.189717"),
            ("pgdate_part('dow', DATE '2018-11-18')", "0"),
            ("datepart('century', DATE '2001-01-01')", "21"),
            ("arrow_typeof(date_part('dow', DATE '2018-11-18'))", "Float64"),
        ]);
    }

    #[test]
    fn date_trunc_gives_timestamps_and_weeks_begin_on_monday() {
        assert_values(&[
            ("date_trunc('week', DATE '2018-11-18')", "2018-11-12 00:00:00"),
            ("date_trunc('hour', TIMESTAMP '2018-11-15 08:05:20.5')", "2018-11-15 08:00:00"),
            ("date_trunc('quarter', TIMESTAMP '2018-11-15 08:05:20')", "2018-10-01 00:00:00"),
            ("date_trunc('century', TIMESTAMP '2018-11-15 08:05:20')", "2001-01-01 00:00:00"),
            ("date_trunc('day', TIMESTAMPTZ '2018-11-15 08:05:20+02')", "2018-11-15 00:00:00+00"),
        ]);
    }
}
