use std::fmt;

/// What the caller can do about an error. Closed on purpose: a new kind exists only when a caller
/// would act differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The text cannot be read as SQL, JSON, a manifest, …: correct it.
    Syntax,
    /// dwh, or Redshift itself, does not do this.
    Unsupported,
    /// A table, column, function, schema, file or object is not there.
    UndefinedObject,
    /// Something of that name is there already.
    DuplicateObject,
    /// A value does not fit its type, column or constraint.
    InvalidData,
    /// A COPY met records it could not load; see `stl_load_errors`.
    LoadFailed,
    /// The user or the credentials may not do this.
    PermissionDenied,
    /// Another transaction was first; run the transaction again.
    Conflict,
    /// A store, a server or the warehouse's lock is not to be had now.
    Unavailable,
    /// The statement was cancelled or ran out of its time.
    Cancelled,
    /// A setting, flag or configuration file is wrong.
    InvalidConfiguration,
    /// A fault of dwh.
    Internal,
}

macro_rules! sql_states {
    ($($(#[$doc:meta])* $name:ident = $code:literal => $kind:ident,)*) => {
        /// SQLSTATE codes that dwh sends (RS 2.5 and PostgreSQL's appendix A).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SqlState {
            $($(#[$doc])* $name,)*
        }

        impl SqlState {
            /// Every state, for the documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The five characters on the wire.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What the caller can do about it.
            pub fn kind(self) -> ErrorKind {
                match self {
                    $(Self::$name => ErrorKind::$kind,)*
                }
            }
        }
    };
}

sql_states! {
    /// The connection to a warehouse broke, or there is none.
    ConnectionFailure = "08006" => Unavailable,
    /// A message that the protocol does not have, or not at this point.
    ProtocolViolation = "08P01" => Syntax,
    /// Feature not supported, refused by name.
    FeatureNotSupported = "0A000" => Unsupported,
    /// A privilege that this kind of object does not have, or cannot be granted so.
    InvalidGrantOperation = "0LP01" => InvalidData,
    /// Text longer than the column.
    StringDataRightTruncation = "22001" => InvalidData,
    /// A number outside its type.
    NumericValueOutOfRange = "22003" => InvalidData,
    /// A LIMIT below zero.
    InvalidRowCountInLimitClause = "2201W" => InvalidData,
    /// An OFFSET below zero.
    InvalidRowCountInOffsetClause = "2201X" => InvalidData,
    /// Text that is no date or time.
    InvalidDatetimeFormat = "22007" => InvalidData,
    /// A date or time outside its range.
    DatetimeFieldOverflow = "22008" => InvalidData,
    /// Division by zero.
    DivisionByZero = "22012" => InvalidData,
    /// A logarithm of zero or of a negative number.
    InvalidArgumentForLogarithm = "2201E" => InvalidData,
    /// A root or power that is not a real number.
    InvalidArgumentForPower = "2201F" => InvalidData,
    /// An argument outside what the function takes.
    InvalidParameterValue = "22023" => InvalidData,
    /// Text that is no value of the type.
    InvalidTextRepresentation = "22P02" => InvalidData,
    /// NULL for a variable that is NOT NULL.
    NullValueNotAllowed = "22004" => InvalidData,
    /// A value that a variable does not take.
    ErrorInAssignment = "22005" => InvalidData,
    /// CASE without ELSE met a value that none of its branches has.
    CaseNotFound = "20000" => InvalidData,
    /// Several rows where one value is wanted.
    CardinalityViolation = "21000" => InvalidData,
    /// NULL in a NOT NULL column.
    NotNullViolation = "23502" => InvalidData,
    /// A cursor that is not open, or one too many.
    InvalidCursorState = "24000" => InvalidData,
    /// Bytes that are no text of the encoding.
    CharacterNotInRepertoire = "22021" => InvalidData,
    /// A value in binary that is none of its type.
    InvalidBinaryRepresentation = "22P03" => InvalidData,
    /// Not allowed inside a transaction block.
    ActiveSqlTransaction = "25001" => Unsupported,
    /// The warehouse or transaction is read-only.
    ReadOnlySqlTransaction = "25006" => PermissionDenied,
    /// Allowed inside a transaction block only.
    NoActiveSqlTransaction = "25P01" => Unsupported,
    /// Only ROLLBACK is taken now.
    InFailedSqlTransaction = "25P02" => Conflict,
    /// No prepared statement of that name.
    InvalidSqlStatementName = "26000" => UndefinedObject,
    /// A user that may not come in: unknown, without a password, or past its time.
    InvalidAuthorizationSpecification = "28000" => PermissionDenied,
    /// The password is wrong.
    InvalidPassword = "28P01" => PermissionDenied,
    /// A dependent object is in the way; CASCADE drops it too.
    DependentObjectsStillExist = "2BP01" => InvalidData,
    /// COMMIT, ROLLBACK or TRUNCATE in a procedure whose caller ends the transaction.
    InvalidTransactionTermination = "2D000" => Unsupported,
    /// No cursor of that name.
    InvalidCursorName = "34000" => UndefinedObject,
    /// No such database.
    InvalidCatalogName = "3D000" => UndefinedObject,
    /// No such schema.
    InvalidSchemaName = "3F000" => UndefinedObject,
    /// Redshift's 1023: another transaction was first.
    SerializationFailure = "40001" => Conflict,
    /// Two transactions wait for each other.
    DeadlockDetected = "40P01" => Conflict,
    /// No privilege.
    InsufficientPrivilege = "42501" => PermissionDenied,
    /// The statement cannot be read.
    SyntaxError = "42601" => Syntax,
    /// A function of that name and those argument types is there already.
    DuplicateFunction = "42723" => DuplicateObject,
    /// A name that the system keeps for itself.
    ReservedName = "42939" => InvalidData,
    /// A cursor of that name is open already.
    DuplicateCursor = "42P03" => DuplicateObject,
    /// A prepared statement of that name is there already.
    DuplicatePreparedStatement = "42P05" => DuplicateObject,
    /// A function whose parts do not go together.
    InvalidFunctionDefinition = "42P13" => Syntax,
    /// A column that is neither grouped nor aggregated.
    GroupingError = "42803" => Syntax,
    /// A window function where none may stand.
    WindowingError = "42P20" => Syntax,
    /// Types that do not go together.
    DatatypeMismatch = "42804" => InvalidData,
    /// A cast that does not exist.
    CannotCoerce = "42846" => InvalidData,
    /// A name that several functions have.
    AmbiguousFunction = "42725" => UndefinedObject,
    /// No such function, operator or argument types.
    UndefinedFunction = "42883" => UndefinedObject,
    /// No such column.
    UndefinedColumn = "42703" => UndefinedObject,
    /// Something still belongs to the object.
    ObjectInUse = "55006" => InvalidData,
    /// The object is in no state for this.
    ObjectNotInPrerequisiteState = "55000" => InvalidData,
    /// No such setting, role or other object.
    UndefinedObject = "42704" => UndefinedObject,
    /// A column named twice.
    DuplicateColumn = "42701" => DuplicateObject,
    /// A name that fits several columns.
    AmbiguousColumn = "42702" => Syntax,
    /// An object of another name is there already.
    DuplicateObject = "42710" => DuplicateObject,
    /// A table alias used twice.
    DuplicateAlias = "42712" => DuplicateObject,
    /// A `$n` without a value.
    UndefinedParameter = "42P02" => Syntax,
    /// No such table or view.
    UndefinedTable = "42P01" => UndefinedObject,
    /// A schema of that name is there already.
    DuplicateSchema = "42P06" => DuplicateObject,
    /// A table of that name is there already.
    DuplicateTable = "42P07" => DuplicateObject,
    /// A column reference that cannot be used there.
    InvalidColumnReference = "42P10" => Syntax,
    /// A table definition that contradicts itself.
    InvalidTableDefinition = "42P16" => Syntax,
    /// The object is of another kind (a view where a table must be).
    WrongObjectType = "42809" => InvalidData,
    /// Out of memory.
    OutOfMemory = "53200" => Unavailable,
    /// More sessions than the user may have.
    TooManyConnections = "53300" => Unavailable,
    /// Longer or more than the server takes.
    ProgramLimitExceeded = "54000" => InvalidData,
    /// Nested too deep.
    StatementTooComplex = "54001" => InvalidData,
    /// Cancelled on the user's request, or out of time.
    QueryCanceled = "57014" => Cancelled,
    /// The session was terminated by another.
    AdminShutdown = "57P01" => Cancelled,
    /// The session said nothing for too long.
    IdleSessionTimeout = "57P05" => Unavailable,
    /// The server cannot do this now.
    CannotConnectNow = "57P03" => Unavailable,
    /// A file or object could not be read or written.
    IoError = "58030" => Unavailable,
    /// RAISE EXCEPTION in a procedure.
    RaiseException = "P0001" => InvalidData,
    /// COPY rejected records, or could not read its source (RS 2.4 sends XX000).
    LoadFailed = "XX000" => LoadFailed,
    /// A fault of dwh; same code as Redshift's other load errors.
    InternalError = "XX000" => Internal,
}

/// An error as a SQL client sees it: SQLSTATE, message, and where and what to do if known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// SQLSTATE.
    pub state: SqlState,
    /// What the caller can do about it: the state's kind, unless the state is too coarse to tell.
    pub kind: ErrorKind,
    /// One sentence, Redshift's text where the reference has it.
    pub message: String,
    /// More on what happened.
    pub detail: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// 1-based character offset in the submitted SQL text.
    pub position: Option<usize>,
    /// Where in a procedure it happened, the innermost place first, a line each.
    pub context: Option<String>,
}

impl SqlError {
    /// An error of this state.
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Self {
            state,
            kind: state.kind(),
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            context: None,
        }
    }

    /// Shorthand for a feature refused by name (0A000).
    pub fn unsupported(what: impl fmt::Display) -> Self {
        Self::new(SqlState::FeatureNotSupported, format!("{what} is not supported"))
    }

    /// Shorthand for a fault of dwh.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(SqlState::InternalError, message)
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds more on what happened.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds where in a procedure it happened, below the places that are known.
    #[must_use]
    pub fn in_context(mut self, place: impl AsRef<str>) -> Self {
        let place = place.as_ref();
        self.context = Some(match self.context.take() {
            Some(inner) => format!("{inner}\n{place}"),
            None => place.to_owned(),
        });
        self
    }

    /// Adds the 1-based character offset in the SQL text.
    #[must_use]
    pub fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    /// Says what the caller can do, where the state alone does not: all load errors are XX000 (RS 2.5).
    #[must_use]
    pub fn of_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = kind;
        self
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlError {}

#[cfg(test)]
mod tests {
    use super::SqlState;

    #[test]
    fn every_state_is_five_upper_case_characters() {
        for state in SqlState::ALL {
            let code = state.code();
            assert_eq!(code.len(), 5, "{state:?}");
            assert!(code.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()), "{state:?}");
        }
    }
}
