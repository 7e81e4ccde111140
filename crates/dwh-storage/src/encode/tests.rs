use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Decimal128Array, DictionaryArray, Float64Array,
    Int16Array, Int32Array, Int64Array, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::Statistics;
use parquet::file::writer::SerializedFileWriter;

use super::write_row_group;

/// Writes columns as a file and reads them with the parquet crate's reader.
fn round_trip(columns: Vec<(DataType, ArrayRef)>) -> (RecordBatch, Vec<Option<Statistics>>) {
    let fields = columns.iter().enumerate().map(|(index, (data_type, array))| {
        Field::new(format!("c{index}"), data_type.clone(), array.null_count() > 0)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let given =
        columns.iter().enumerate().map(|(index, (_, array))| (format!("c{index}"), Arc::clone(array)));
    let rows = RecordBatch::try_from_iter(given).unwrap();
    let root = ArrowSchemaConverter::new().convert(&schema).unwrap().root_schema_ptr();
    let mut file =
        SerializedFileWriter::new(Vec::new(), root, Arc::new(WriterProperties::default())).unwrap();
    write_row_group(&mut file, &rows).unwrap();
    let bytes = Bytes::from(file.into_inner().unwrap());
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let group = builder.metadata().row_group(0).columns().to_vec();
    let reader = builder.build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let read = concat_batches(&batches[0].schema(), &batches).unwrap();
    (read, group.iter().map(|chunk| chunk.statistics().cloned()).collect())
}

fn check(data_type: DataType, array: ArrayRef) {
    let (read, _) = round_trip(vec![(data_type.clone(), Arc::clone(&array))]);
    let expected = cast(&array, &data_type).unwrap();
    let read = cast(read.column(0), &data_type).unwrap();
    assert_eq!(&read, &expected, "{data_type} from {}", array.data_type());
}

/// More rows than two pages, not a multiple of anything.
const ROWS: i64 = 70_003;

/// All rows valid; some NULL, in runs and alone; all NULL; and few rows.
fn shapes<T>(value: impl Fn(i64) -> T) -> Vec<Vec<Option<T>>> {
    vec![
        (0..ROWS).map(|row| Some(value(row))).collect(),
        (0..ROWS).map(|row| (row % 7 != 3 && row / 1000 % 3 != 1).then(|| value(row))).collect(),
        (0..ROWS).map(|_| None).collect(),
        vec![Some(value(5))],
        vec![None, Some(value(6))],
        (0..129).map(|row| Some(value(row))).collect(),
    ]
}

/// A number without a pattern.
fn scattered(row: i64) -> i64 {
    row.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64).rotate_left(17)
}

#[test]
fn whole_numbers_of_every_spread_are_read_back() {
    let spreads: [fn(i64) -> i64; 6] = [
        |row| row,
        |_| -7,
        |row| scattered(row) % 1000,
        scattered,
        |row| if row % 2 == 0 { i64::MIN } else { i64::MAX },
        |row| 1_541_105_830_796 + row * 37 % 101,
    ];
    for spread in spreads {
        for values in shapes(spread) {
            check(DataType::Int64, Arc::new(Int64Array::from(values.clone())));
            let narrow: Int32Array =
                values.iter().map(|value| value.map(|value| (value >> 7) as i32)).collect();
            check(DataType::Int32, Arc::new(narrow));
            let short: Int16Array =
                values.iter().map(|value| value.map(|value| (value >> 3) as i16)).collect();
            check(DataType::Int16, Arc::new(short));
        }
    }
    let extremes =
        Int32Array::from_iter_values((0..300).map(|n| if n % 2 == 0 { i32::MIN } else { i32::MAX }));
    check(DataType::Int32, Arc::new(extremes));
}

#[test]
fn other_numbers_and_times_are_read_back() {
    for values in shapes(|row| scattered(row) % 1_000_000_007) {
        let timestamps = TimestampMicrosecondArray::from(values.clone());
        check(timestamps.data_type().clone(), Arc::new(timestamps));
        let floats: Float64Array = values.iter().map(|value| value.map(|value| value as f64 / 3.0)).collect();
        check(DataType::Float64, Arc::new(floats));
        let booleans: BooleanArray = values.iter().map(|value| value.map(|value| value % 3 == 0)).collect();
        check(DataType::Boolean, Arc::new(booleans));
        for (precision, factor) in [(9, 1), (18, 1_000_000_000), (38, 10_i128.pow(28))] {
            let decimals: Decimal128Array = values
                .iter()
                .map(|value| value.map(|value| i128::from(value) % 999_999_999 * factor))
                .collect();
            let decimals = decimals.with_precision_and_scale(precision, 4).unwrap();
            check(decimals.data_type().clone(), Arc::new(decimals));
        }
    }
}

#[test]
fn text_that_repeats_and_text_that_does_not_is_read_back() {
    for distinct in [1, 2, 3, 300, ROWS] {
        let word =
            |row: i64| format!("{}é", scattered(row).rem_euclid(distinct)).repeat(1 + row as usize % 3);
        for values in shapes(word) {
            check(
                DataType::Utf8View,
                Arc::new(StringViewArray::from_iter(values.iter().map(Option::as_deref))),
            );
            check(DataType::Utf8View, Arc::new(StringArray::from_iter(values.iter().map(Option::as_deref))));
            let bytes: BinaryArray =
                values.iter().map(|value| value.as_ref().map(String::as_bytes)).collect();
            check(DataType::Binary, Arc::new(bytes));
            let plain = StringArray::from_iter(values.iter().map(Option::as_deref));
            let codes = DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8));
            check(DataType::Utf8View, cast(&plain, &codes).unwrap());
        }
    }
}

#[test]
fn long_texts_are_cut_into_pages() {
    let values = (0..200).map(|row| format!("{row} ").repeat(10_000));
    check(DataType::Utf8View, Arc::new(StringViewArray::from_iter_values(values)));
}

#[test]
fn bounds_are_those_of_the_values_that_occur() {
    let codes = UInt32Array::from(vec![Some(2), None, Some(1), Some(2)]);
    let words = StringArray::from(vec!["aaa", "mmm", "zzz", "zzzz"]);
    let dictionary = DictionaryArray::new(codes, Arc::new(words));
    let long = "x".repeat(65);
    let (_, statistics) = round_trip(vec![
        (DataType::Utf8View, Arc::new(dictionary)),
        (DataType::Int64, Arc::new(Int64Array::from(vec![Some(3), None, Some(-2), Some(1)]))),
        (DataType::Utf8View, Arc::new(StringArray::from(vec!["b", long.as_str(), "c", "d"]))),
        (DataType::Float64, Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0, 4.0]))),
    ]);
    let text = |index: usize| match &statistics[index] {
        Some(Statistics::ByteArray(bounds)) => {
            let text = |value: Option<&parquet::data_type::ByteArray>| {
                value.map(|v| v.as_utf8().unwrap().to_owned())
            };
            (text(bounds.min_opt()), text(bounds.max_opt()), bounds.null_count_opt())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(text(0), (Some("mmm".to_owned()), Some("zzz".to_owned()), Some(1)));
    assert_eq!(text(2), (Some("b".to_owned()), None, Some(0)));
    let Some(Statistics::Int64(bounds)) = &statistics[1] else { panic!("{:?}", statistics[1]) };
    assert_eq!((bounds.min_opt(), bounds.max_opt(), bounds.null_count_opt()), (Some(&-2), Some(&3), Some(1)));
    assert!(statistics[3].is_none());
}

#[test]
fn a_dictionary_column_reads_as_the_words_it_stands_for() {
    let codes = UInt32Array::from(vec![Some(1), None, Some(0)]);
    let dictionary = DictionaryArray::new(codes, Arc::new(StringArray::from(vec!["one", "two"])));
    let (read, _) = round_trip(vec![(DataType::Utf8View, Arc::new(dictionary))]);
    let words = cast(read.column(0), &DataType::Utf8).unwrap();
    assert_eq!(words.as_string::<i32>().iter().collect::<Vec<_>>(), [Some("two"), None, Some("one")]);
}
