//! AND and OR of terms, of which only TRUE counts.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Schema};
use datafusion::common::internal_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::BinaryExpr;

use super::term::Term;

/// A filter's condition. NULL is FALSE in it: below AND and OR alone, that changes no row's fate.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Condition(Node);

#[derive(Debug, PartialEq, Eq, Hash)]
enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Term(Term),
}

impl Condition {
    /// The condition of a predicate; `None` if it is a single term.
    pub(super) fn of(predicate: &Arc<dyn PhysicalExpr>) -> Option<Self> {
        let node = Node::of(predicate);
        (!matches!(node, Node::Term(_))).then_some(Self(node))
    }
}

impl Node {
    fn of(expression: &Arc<dyn PhysicalExpr>) -> Self {
        match expression.downcast_ref::<BinaryExpr>().map(BinaryExpr::op) {
            Some(Operator::And) => Self::All(parts(expression, Operator::And)),
            Some(Operator::Or) => Self::Any(parts(expression, Operator::Or)),
            _ => Self::Term(Term::new(Arc::clone(expression))),
        }
    }

    fn is_cheap(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().all(Self::is_cheap),
            Self::Term(term) => term.is_cheap(),
        }
    }

    fn collect_expressions<'a>(&'a self, expressions: &mut Vec<&'a Arc<dyn PhysicalExpr>>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.collect_expressions(expressions));
            }
            Self::Term(term) => expressions.push(term.expression()),
        }
    }

    /// The same tree over other expressions.
    fn with_expressions(
        &self,
        expressions: &mut impl Iterator<Item = Arc<dyn PhysicalExpr>>,
    ) -> Option<Self> {
        let mut all = |parts: &[Self]| -> Option<Vec<Self>> {
            parts.iter().map(|part| part.with_expressions(expressions)).collect()
        };
        Some(match self {
            Self::All(parts) => Self::All(all(parts)?),
            Self::Any(parts) => Self::Any(all(parts)?),
            Self::Term(_) => Self::Term(Term::new(expressions.next()?)),
        })
    }

    /// The rows among those asked for (all without) that hold; of the other rows it says nothing.
    fn holds(&self, batch: &RecordBatch, asked: Option<&BooleanBuffer>) -> Result<BooleanBuffer> {
        match self {
            Self::Term(term) => term.holds(batch, asked),
            Self::All(parts) => {
                let mut left = asked.cloned();
                for part in parts {
                    let holds = part.holds(batch, left.as_ref())?;
                    left = Some(left.map_or(holds.clone(), |left| &left & &holds));
                }
                Ok(left.unwrap_or_else(|| BooleanBuffer::new_set(batch.num_rows())))
            }
            Self::Any(parts) => {
                let mut found = BooleanBuffer::new_unset(batch.num_rows());
                for part in parts {
                    let open = asked.map_or_else(|| !&found, |asked| asked & &!&found);
                    found = &found | &(&part.holds(batch, Some(&open))? & &open);
                }
                Ok(found)
            }
        }
    }
}

/// What stands between the operators of a chain; what costs little first, as it leaves fewer rows to the rest.
fn parts(chain: &Arc<dyn PhysicalExpr>, op: Operator) -> Vec<Node> {
    let mut parts = Vec::new();
    let mut open = vec![chain];
    while let Some(expression) = open.pop() {
        match expression.downcast_ref::<BinaryExpr>() {
            Some(pair) if *pair.op() == op => open.extend([pair.right(), pair.left()]),
            _ => parts.push(Node::of(expression)),
        }
    }
    parts.sort_by_key(|part| !part.is_cheap());
    parts
}

impl PhysicalExpr for Condition {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(false)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let holds = self.0.holds(batch, None)?;
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(holds, None))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        let mut expressions = Vec::new();
        self.0.collect_expressions(&mut expressions);
        expressions
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let node = self.0.with_expressions(&mut children.into_iter());
        Ok(Arc::new(Self(node.ok_or_else(|| internal_datafusion_err!("a condition lacks a term"))?)))
    }

    fn fmt_sql(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.fmt(f)
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (parts, op) = match self {
            Self::All(parts) => (parts, " AND "),
            Self::Any(parts) => (parts, " OR "),
            Self::Term(term) => return term.expression().fmt(f),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(op)?;
            }
            match part {
                Self::Term(term) => term.expression().fmt(f)?,
                _ => write!(f, "({part})")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Int32Array, RecordBatch, StringArray, cast::AsArray};
    use datafusion::common::DFSchema;
    use datafusion::logical_expr::{Expr, binary_expr, col, lit, when};
    use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

    use super::{Condition, Operator};

    fn planned(batch: &RecordBatch, predicate: &Expr) -> Arc<dyn PhysicalExpr> {
        let schema = DFSchema::try_from(batch.schema_ref().as_ref().clone()).expect("a schema");
        create_physical_expr(predicate, &schema, &Default::default(), &Default::default()).expect("planned")
    }

    fn rows(expression: &dyn PhysicalExpr, batch: &RecordBatch) -> Vec<bool> {
        let value =
            expression.evaluate(batch).expect("evaluated").into_array(batch.num_rows()).expect("rows");
        value.as_boolean().iter().map(|holds| holds == Some(true)).collect()
    }

    /// Every combination of TRUE, FALSE and NULL in `a`, `b` and `c`.
    fn truth_values() -> RecordBatch {
        let value = |row: usize, place: u32| [None, Some(false), Some(true)][row / 3_usize.pow(place) % 3];
        let column =
            |place| -> ArrayRef { Arc::new((0..27).map(|row| value(row, place)).collect::<BooleanArray>()) };
        RecordBatch::try_from_iter([("a", column(0)), ("b", column(1)), ("c", column(2))]).expect("a batch")
    }

    #[test]
    fn rows_are_those_of_the_predicate_with_nulls_too() {
        let batch = truth_values();
        // CASE is not cheap: it is evaluated over the rows that are still asked for.
        let costly = |name| when(col(name), lit(true)).otherwise(lit(false)).expect("a CASE");
        let (a, b, c) = (|| col("a"), || col("b"), || col("c"));
        for predicate in [
            a().and(b()).and(c()),
            a().or(b()).or(c()),
            a().and(b().or(c())),
            a().and(b()).or(b().and(c())).or(c().and(a())),
            costly("a").and(b()).and(c()),
            costly("a").or(b().and(costly("c"))),
            a().or(b()).and(costly("c").or(costly("a").and(b()))),
            (!a()).and(b().is_null().or(c())),
            a().and(lit(false)).or(c().and(lit(true))),
        ] {
            let plain = planned(&batch, &predicate);
            let condition = Condition::of(&plain).expect("several terms");
            assert_eq!(rows(&condition, &batch), rows(plain.as_ref(), &batch), "{predicate}");
            let again = Arc::new(condition);
            let terms = again.children().into_iter().cloned().collect();
            let again = again.with_new_children(terms).expect("the same terms");
            assert_eq!(rows(again.as_ref(), &batch), rows(plain.as_ref(), &batch), "{predicate}");
        }
    }

    #[test]
    fn a_costly_term_is_asked_of_the_rows_that_are_left() {
        let numbers = Int32Array::from_iter_values(0..100);
        let texts = StringArray::from_iter_values((0..100).map(|row| format!("row {row}")));
        let batch = RecordBatch::try_from_iter([
            ("n", Arc::new(numbers) as ArrayRef),
            ("t", Arc::new(texts) as ArrayRef),
        ]);
        let batch = batch.expect("a batch");
        // A division by zero in a row that nobody asks for would be an error.
        let inverse = binary_expr(lit(100), Operator::Divide, col("n") - lit(50)).gt(lit(0));
        let predicate = inverse.and(col("t").like(lit("%7"))).and(col("n").gt(lit(88)));
        let condition = Condition::of(&planned(&batch, &predicate)).expect("several terms");
        assert_eq!(condition.to_string(), "n@0 > 88 AND 100 / (n@0 - 50) > 0 AND t@1 LIKE %7");
        let kept: Vec<usize> = rows(&condition, &batch)
            .into_iter()
            .enumerate()
            .filter(|(_, holds)| *holds)
            .map(|(row, _)| row)
            .collect();
        assert_eq!(kept, [97]);
    }

    #[test]
    fn a_single_term_stays_as_it_is() {
        let batch = truth_values();
        assert!(Condition::of(&planned(&batch, &col("a").not_eq(col("b")))).is_none());
    }
}
