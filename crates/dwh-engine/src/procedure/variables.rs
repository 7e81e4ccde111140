//! Variables while a procedure runs: what they hold, and assignments to them.

use dwh_common::{ArgumentType, RedshiftType, SqlError, SqlState};
use dwh_sql::plpgsql::{FOUND, Reference, Target, VariableId, VariableKind};
use dwh_sql::statement::TableName;
use dwh_storage::ColumnDefinition;

use super::interpreter::Interpreter;
use super::value::{Converted, Kind, Value, convert};
use crate::context::StatementContext;
use crate::names::Relation;

/// What a variable holds.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// A value.
    Value(Kind, Value),
    /// A row; `None` before the first was assigned.
    Record(Option<Vec<(String, Value)>>),
    /// A row of a table: the types of its columns stay.
    Row(Vec<(String, Kind, Value)>),
}

impl Interpreter<'_, '_> {
    /// Gives the input arguments their values, in their order.
    pub(crate) async fn bind_arguments(&mut self, values: Vec<Value>) -> Result<(), SqlError> {
        let definition = self.definition;
        self.slots[FOUND] = Slot::Value(Kind::Type(RedshiftType::Boolean), Value::boolean(false));
        let mut values = values.into_iter();
        for (at, argument) in definition.arguments.iter().enumerate() {
            let kind = match argument.data_type {
                ArgumentType::Value(RedshiftType::Decimal { .. }) => Kind::Numeric,
                data_type => Kind::Type(data_type.value_type()),
            };
            let given =
                if argument.mode.is_input() { values.next().unwrap_or_default() } else { Value::default() };
            let name = argument.name.clone().unwrap_or_else(|| format!("${}", at + 1));
            let value = self.converted(given, kind, &name).await?;
            self.slots[at + 1] = Slot::Value(kind, value);
        }
        Ok(())
    }

    /// What the output arguments are now.
    pub(crate) fn outputs(&self) -> Vec<Value> {
        let arguments = self.definition.arguments.iter().enumerate();
        let outputs = arguments.filter(|(_, argument)| argument.mode.is_output());
        outputs
            .map(|(at, _)| match &self.slots[at + 1] {
                Slot::Value(_, value) => value.clone(),
                Slot::Record(_) | Slot::Row(_) => Value::default(),
            })
            .collect()
    }

    pub(super) fn set_found(&mut self, found: bool) {
        self.slots[FOUND] = Slot::Value(Kind::Type(RedshiftType::Boolean), Value::boolean(found));
    }

    pub(super) fn name(&self, variable: VariableId) -> &str {
        &self.body.variables[variable].name
    }

    /// What a name in SQL stands for.
    pub(super) fn get(&self, reference: &Reference) -> Result<Value, SqlError> {
        let unassigned = |name: &str| {
            SqlError::new(
                SqlState::ObjectNotInPrerequisiteState,
                format!("record \"{name}\" is not assigned yet"),
            )
            .with_detail("The tuple structure of a not-yet-assigned record is indeterminate.")
        };
        let name = self.name(reference.variable);
        let fields: Vec<(&String, &Value)> = match &self.slots[reference.variable] {
            Slot::Value(_, value) => return Ok(value.clone()),
            Slot::Record(None) if reference.field.is_none() => return Ok(Value::default()),
            Slot::Record(None) => return Err(unassigned(name)),
            Slot::Record(Some(fields)) => fields.iter().map(|(name, value)| (name, value)).collect(),
            Slot::Row(fields) => fields.iter().map(|(name, _, value)| (name, value)).collect(),
        };
        match &reference.field {
            Some(field) => match fields.iter().find(|(known, _)| *known == field) {
                Some((_, value)) => Ok((*value).clone()),
                None => Err(no_field(name, field)),
            },
            // As PostgreSQL writes a row; NULL if all its fields are.
            None if fields.iter().all(|(_, value)| value.text.is_none()) => Ok(Value::default()),
            None => {
                let texts: Vec<&str> =
                    fields.iter().map(|(_, value)| value.text.as_deref().unwrap_or_default()).collect();
                Ok(Value { data_type: None, text: Some(format!("({})", texts.join(","))) })
            }
        }
    }

    /// Assigns a value to a variable or a field.
    pub(super) async fn set(&mut self, target: &Target, value: Value) -> Result<(), SqlError> {
        let name = self.name(target.variable).to_owned();
        let kind = match (&self.slots[target.variable], &target.field) {
            (Slot::Value(kind, _), _) => *kind,
            (Slot::Row(fields), Some(field)) => match fields.iter().find(|(known, ..)| known == field) {
                Some((_, kind, _)) => *kind,
                None => return Err(no_field(&name, field)),
            },
            (Slot::Record(Some(fields)), Some(field)) if fields.iter().any(|(known, _)| known == field) => {
                Kind::Any
            }
            (Slot::Record(_), Some(field)) => return Err(no_field(&name, field)),
            (Slot::Record(_) | Slot::Row(_), None) => {
                let message = "cannot assign non-composite value to a record variable";
                return Err(SqlError::new(SqlState::DatatypeMismatch, message));
            }
        };
        let value = self.converted(value, kind, &name).await?;
        if value.text.is_none() && target.field.is_none() && self.body.variables[target.variable].not_null {
            let message = format!("null value cannot be assigned to variable \"{name}\" declared NOT NULL");
            return Err(SqlError::new(SqlState::NullValueNotAllowed, message));
        }
        match (&mut self.slots[target.variable], &target.field) {
            (Slot::Value(_, held), _) => *held = value,
            (Slot::Record(Some(fields)), Some(field)) => {
                fields
                    .iter_mut()
                    .filter(|(known, _)| known == field)
                    .for_each(|(_, held)| *held = value.clone());
            }
            (Slot::Row(fields), Some(field)) => {
                fields
                    .iter_mut()
                    .filter(|(known, ..)| known == field)
                    .for_each(|(.., held)| *held = value.clone());
            }
            _ => {}
        }
        Ok(())
    }

    /// Assigns a row to a record, or its columns to as many variables.
    pub(super) async fn set_row(
        &mut self,
        targets: &[Target],
        row: Vec<(String, Value)>,
    ) -> Result<(), SqlError> {
        if let [target] = targets
            && target.field.is_none()
        {
            match &mut self.slots[target.variable] {
                Slot::Record(held) => {
                    *held = Some(row);
                    return Ok(());
                }
                Slot::Row(fields) => {
                    check_count(fields.len(), row.len())?;
                    let kinds: Vec<_> = fields.iter().map(|(name, kind, _)| (name.clone(), *kind)).collect();
                    let mut assigned = Vec::with_capacity(kinds.len());
                    for ((name, kind), (_, value)) in kinds.into_iter().zip(row) {
                        let value = self.converted(value, kind, &name).await?;
                        assigned.push((name, kind, value));
                    }
                    self.slots[target.variable] = Slot::Row(assigned);
                    return Ok(());
                }
                Slot::Value(..) => {}
            }
        }
        check_count(targets.len(), row.len())?;
        for (target, (_, value)) in targets.iter().zip(row) {
            self.set(target, value).await?;
        }
        Ok(())
    }

    /// The value as a variable of this kind takes it, by the rules of an assignment.
    async fn converted(&mut self, value: Value, kind: Kind, name: &str) -> Result<Value, SqlError> {
        let literal = value.literal_of_type();
        let to = match convert(value, kind)? {
            Converted::Value(value) => return Ok(value),
            Converted::Query(to) => to,
        };
        let assigned = self.caller.assigned(&literal, to, name).await?;
        Value::of_scalar(&assigned, to)
    }

    /// Makes the variables of a block anew: NULL, of the types that they are declared with.
    pub(super) fn declare(&mut self, variable: VariableId) -> Result<(), SqlError> {
        let slot = self.fresh(variable, 0)?;
        self.slots[variable] = slot;
        Ok(())
    }

    fn fresh(&mut self, variable: VariableId, depth: usize) -> Result<Slot, SqlError> {
        let value = |kind: Kind| {
            let data_type = match kind {
                Kind::Type(data_type) => Some(data_type),
                Kind::Numeric => Some(RedshiftType::Decimal { precision: 18, scale: 0 }),
                Kind::Any => None,
            };
            Slot::Value(kind, Value { data_type, text: None })
        };
        let body = self.body;
        Ok(match &body.variables[variable].kind {
            VariableKind::Argument => value(Kind::Any),
            VariableKind::Value { data_type: RedshiftType::Decimal { .. }, has_length: false } => {
                value(Kind::Numeric)
            }
            VariableKind::Value { data_type, .. } => value(Kind::Type(*data_type)),
            VariableKind::LikeVariable(other) => match &self.slots[*other] {
                Slot::Value(kind, _) => value(*kind),
                Slot::Row(_) | Slot::Record(_) if depth < 16 => self.fresh(*other, depth + 1)?,
                _ => value(Kind::Any),
            },
            VariableKind::LikeColumn(table, column) => {
                let types = self.columns_of(table)?;
                let known = types.into_iter().find(|(name, _)| name == column);
                let (_, data_type) = known.ok_or_else(|| {
                    let message =
                        format!("column \"{column}\" of relation \"{}\" does not exist", table.name);
                    SqlError::new(SqlState::UndefinedColumn, message)
                })?;
                value(Kind::Type(data_type))
            }
            VariableKind::Record => Slot::Record(None),
            VariableKind::Row(table) => {
                let field = |(name, data_type): (String, RedshiftType)| {
                    (name, Kind::Type(data_type), Value { data_type: Some(data_type), text: None })
                };
                Slot::Row(self.columns_of(table)?.into_iter().map(field).collect())
            }
            VariableKind::RefCursor => value(Kind::Type(RedshiftType::MAX_VARCHAR)),
            // A bound cursor goes by its own name.
            VariableKind::Cursor { .. } => {
                let name = body.variables[variable].name.clone();
                Slot::Value(
                    Kind::Type(RedshiftType::MAX_VARCHAR),
                    Value::new(RedshiftType::MAX_VARCHAR, name),
                )
            }
        })
    }

    /// Names and types of a table's columns.
    fn columns_of(&mut self, table: &TableName) -> Result<Vec<(String, RedshiftType)>, SqlError> {
        self.caller.look(|context: &mut StatementContext<'_>| match context.names().resolve(table)? {
            Relation::Table(table) => {
                let column = |column: &ColumnDefinition| (column.name.clone(), column.data_type);
                Ok(table.definition.columns.iter().map(column).collect())
            }
            Relation::View(_) | Relation::System(_) => {
                let plan = context.with_planner(|planner| {
                    let schema = table.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
                    planner.query_text(&format!("SELECT * FROM {schema}{}", table.name))
                })?;
                let column = |field: &arrow::datatypes::FieldRef| {
                    let data_type = RedshiftType::of_field(field).unwrap_or(RedshiftType::MAX_VARCHAR);
                    (dwh_sql::strip_label_marker(field.name()).to_owned(), data_type)
                };
                Ok(plan.schema().fields().iter().map(column).collect())
            }
        })
    }
}

fn no_field(record: &str, field: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedColumn, format!("record \"{record}\" has no field \"{field}\""))
}

/// The guide's page "Supported PL/pgSQL statements": the values must match the structure of the target.
fn check_count(targets: usize, columns: usize) -> Result<(), SqlError> {
    if targets == columns {
        return Ok(());
    }
    Err(SqlError::new(
        SqlState::DatatypeMismatch,
        format!("the query has {columns} columns for {targets} variables"),
    ))
}
