//! The body of a procedure as a tree: variables by number, statements with their lines, SQL as fragments.

use dwh_common::RedshiftType;

use super::fragment::Fragment;
use crate::statement::TableName;

/// Index into [`Body::variables`].
pub type VariableId = usize;

/// The number of the variable FOUND, which every body has.
pub const FOUND: VariableId = 0;

/// A procedure's body.
#[derive(Debug, Clone)]
pub struct Body {
    /// FOUND, then the arguments in their order, then what the blocks declare.
    pub variables: Vec<Variable>,
    /// The outermost block.
    pub block: Block,
}

/// A variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Name, lower case; `$1` for an argument without one.
    pub name: String,
    /// What it holds.
    pub kind: VariableKind,
    /// CONSTANT.
    pub constant: bool,
    /// NOT NULL.
    pub not_null: bool,
}

/// What a variable holds.
#[derive(Debug, Clone)]
pub enum VariableKind {
    /// An argument: its type is the procedure's to say.
    Argument,
    /// A value of a type; NUMERIC without precision takes any.
    Value {
        /// The type.
        data_type: RedshiftType,
        /// Whether a length, or precision and scale, were written.
        has_length: bool,
    },
    /// `variable%TYPE`.
    LikeVariable(VariableId),
    /// `table.column%TYPE`.
    LikeColumn(TableName, String),
    /// `RECORD`.
    Record,
    /// `table%ROWTYPE`.
    Row(TableName),
    /// `refcursor`.
    RefCursor,
    /// `CURSOR [(arguments)] FOR query`.
    Cursor {
        /// The arguments' variables.
        arguments: Vec<VariableId>,
        /// The query.
        query: Fragment,
    },
}

/// `[<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END`.
#[derive(Debug, Clone)]
pub struct Block {
    /// Label, or the procedure's name for the outermost one.
    pub label: Option<String>,
    /// Variables, made anew whenever the block is entered.
    pub declarations: Vec<Declaration>,
    /// Statements.
    pub body: Vec<Statement>,
    /// EXCEPTION.
    pub handler: Option<Handler>,
}

/// A variable that a block declares.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// Which.
    pub variable: VariableId,
    /// DEFAULT.
    pub default: Option<Fragment>,
    /// Line of the body, from 1.
    pub line: usize,
}

/// `EXCEPTION [CONTINUE_HANDLER | EXIT_HANDLER] WHEN OTHERS THEN …`.
#[derive(Debug, Clone)]
pub struct Handler {
    /// CONTINUE_HANDLER: goes on behind the statement that failed.
    pub continues: bool,
    /// The variable SQLSTATE.
    pub sqlstate: VariableId,
    /// The variable SQLERRM.
    pub sqlerrm: VariableId,
    /// Statements.
    pub body: Vec<Statement>,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Line of the body, from 1; a new line right behind `$$` does not count.
    pub line: usize,
    /// What it does.
    pub kind: StatementKind,
}

/// Where a value goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The variable.
    pub variable: VariableId,
    /// The field of a record.
    pub field: Option<String>,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// A block within the block.
    Block(Block),
    /// `target := expression`.
    Assign {
        /// Where to.
        target: Target,
        /// What.
        value: Fragment,
    },
    /// `IF … THEN … ELSIF … THEN … ELSE … END IF`.
    If {
        /// Conditions and what to do then.
        arms: Vec<(Fragment, Vec<Statement>)>,
        /// ELSE.
        otherwise: Vec<Statement>,
    },
    /// `CASE … WHEN … THEN … ELSE … END CASE`.
    Case {
        /// The search expression of a simple CASE and the variable that keeps its value.
        search: Option<(Fragment, VariableId)>,
        /// Conditions, or values to compare with, and what to do then.
        arms: Vec<(Vec<Fragment>, Vec<Statement>)>,
        /// ELSE.
        otherwise: Option<Vec<Statement>>,
    },
    /// `LOOP … END LOOP`.
    Loop(Loop),
    /// `WHILE … LOOP`.
    While {
        /// Goes on while this is true.
        condition: Fragment,
        /// What is repeated.
        body: Loop,
    },
    /// `FOR i IN [REVERSE] a..b LOOP`.
    ForInteger {
        /// The loop's own variable.
        variable: VariableId,
        /// REVERSE.
        reverse: bool,
        /// The first value.
        first: Fragment,
        /// The last one.
        last: Fragment,
        /// BY.
        step: Option<Fragment>,
        /// What is repeated.
        body: Loop,
    },
    /// `FOR target IN query LOOP`.
    ForRows {
        /// A record, or one variable a column.
        targets: Vec<Target>,
        /// Where the rows come from.
        rows: RowSource,
        /// What is repeated.
        body: Loop,
    },
    /// `EXIT` and `CONTINUE`.
    Jump {
        /// CONTINUE.
        continues: bool,
        /// Label.
        label: Option<String>,
        /// WHEN.
        when: Option<Fragment>,
    },
    /// `RETURN`.
    Return,
    /// `RAISE level 'format', …`.
    Raise {
        /// How serious it is.
        level: RaiseLevel,
        /// Text with `%` for the values.
        format: String,
        /// Values.
        values: Vec<Fragment>,
    },
    /// `RAISE` in a handler: the exception goes on.
    Reraise,
    /// `EXECUTE text [INTO …]`.
    Execute {
        /// The command.
        command: Fragment,
        /// INTO.
        into: Option<Vec<Target>>,
    },
    /// `PERFORM …`: a query whose rows are thrown away.
    Perform(Fragment),
    /// `CALL name(…)`.
    Call {
        /// The procedure.
        name: TableName,
        /// Each argument, and the variable if it is nothing else.
        arguments: Vec<(Fragment, Option<Target>)>,
        /// The statement, for logs.
        text: String,
    },
    /// Any SQL command.
    Sql {
        /// The command.
        command: Fragment,
        /// `SELECT … INTO`.
        into: Option<Vec<Target>>,
    },
    /// `GET DIAGNOSTICS variable := ROW_COUNT`.
    GetRowCount(Vec<Target>),
    /// `OPEN cursor …`.
    Open {
        /// The cursor's variable.
        cursor: VariableId,
        /// What it reads.
        query: CursorQuery,
    },
    /// `FETCH cursor INTO …`.
    Fetch {
        /// The cursor's variable.
        cursor: VariableId,
        /// INTO.
        into: Vec<Target>,
    },
    /// `CLOSE cursor`.
    Close(VariableId),
    /// `NULL`.
    Null,
    /// `COMMIT`.
    Commit,
    /// `ROLLBACK`.
    Rollback,
    /// `START TRANSACTION`.
    StartTransaction,
}

impl StatementKind {
    /// How error contexts call the statement (PostgreSQL 8).
    pub fn context_name(&self) -> &'static str {
        match self {
            Self::Block(_) => "statement block",
            Self::Assign { .. } => "assignment",
            Self::If { .. } => "if",
            Self::Case { .. } => "case",
            Self::Loop(_) => "loop",
            Self::While { .. } => "while",
            Self::ForInteger { .. } => "for with integer loopvar",
            Self::ForRows { rows: RowSource::Dynamic(_), .. } => "for over execute statement",
            Self::ForRows { .. } => "for over select rows",
            Self::Jump { continues: true, .. } => "continue",
            Self::Jump { .. } => "exit",
            Self::Return => "return",
            Self::Raise { .. } | Self::Reraise => "raise",
            Self::Execute { .. } => "execute statement",
            Self::Perform(_) => "perform",
            Self::Call { .. } | Self::Sql { .. } => "SQL statement",
            Self::GetRowCount(_) => "get diagnostics",
            Self::Open { .. } => "open",
            Self::Fetch { .. } => "fetch",
            Self::Close(_) => "close",
            Self::Null => "null",
            Self::Commit => "commit",
            Self::Rollback => "rollback",
            Self::StartTransaction => "start transaction",
        }
    }
}

/// What a loop repeats.
#[derive(Debug, Clone)]
pub struct Loop {
    /// Label.
    pub label: Option<String>,
    /// Statements.
    pub body: Vec<Statement>,
}

/// Where the rows of FOR come from.
#[derive(Debug, Clone)]
pub enum RowSource {
    /// A query.
    Query(Fragment),
    /// EXECUTE: an expression that gives the query's text.
    Dynamic(Fragment),
    /// A bound cursor and its arguments.
    Cursor(VariableId, Vec<Fragment>),
}

/// What OPEN opens.
#[derive(Debug, Clone)]
pub enum CursorQuery {
    /// FOR query.
    Query(Fragment),
    /// FOR EXECUTE: an expression that gives the query's text.
    Dynamic(Fragment),
    /// The query that the cursor was declared with, and values of its arguments.
    Bound(Vec<Fragment>),
}

/// How serious a RAISE is, the least serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RaiseLevel {
    /// LOG: for the log only.
    Log,
    /// INFO.
    Info,
    /// NOTICE.
    Notice,
    /// WARNING.
    Warning,
    /// EXCEPTION: an error.
    Exception,
}

impl RaiseLevel {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Log, Self::Info, Self::Notice, Self::Warning, Self::Exception];

    /// As SQL writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "LOG",
            Self::Info => "INFO",
            Self::Notice => "NOTICE",
            Self::Warning => "WARNING",
            Self::Exception => "EXCEPTION",
        }
    }

    /// The level of that name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// The number that svl_stored_proc_messages shows.
    pub fn number(self) -> i64 {
        match self {
            Self::Log => 20,
            Self::Info => 30,
            Self::Notice => 40,
            Self::Warning => 50,
            Self::Exception => 60,
        }
    }
}
