//! `dwh query`: runs SQL from the command line, a file or stdin.

use std::io::{IsTerminal, Read};
use std::path::Path;

use anyhow::Context as _;
use dwh_sql::statement::{ParsedStatement, Statement};

use crate::args::{QueryArgs, Target};
use crate::context::{Access, Context};
use crate::report::{SqlFailure, UsageError};
use crate::run_sql;

/// Runs the SQL, several statements as one transaction.
///
/// # Errors
/// There is no SQL, it cannot be read, or a statement failed.
pub(crate) async fn run(args: &QueryArgs, context: &Context) -> anyhow::Result<()> {
    let (sql, name) = source(args)?;
    let access = match context.settings.target.value {
        // Redshift reads more than dwh does, and says itself what it does not.
        Target::Redshift => Access::Write,
        Target::Embedded => access(&dwh_sql::parse(&sql).map_err(|error| SqlFailure {
            error,
            sql: sql.clone(),
            name: name.clone(),
        })?),
    };
    let session = context.warehouse(access).await?;
    run_sql::execute_and_print(&session, &sql, &name, context.printer).await
}

/// The SQL, and the name of where it came from.
fn source(args: &QueryArgs) -> anyhow::Result<(String, String)> {
    match (&args.sql, &args.file) {
        (Some(sql), _) => Ok((sql.clone(), "sql".to_owned())),
        (None, Some(path)) if path != Path::new("-") => {
            let name = path.display().to_string();
            let sql = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
            Ok((sql, name))
        }
        (None, file) => {
            let mut stdin = std::io::stdin();
            if file.is_none() && stdin.is_terminal() {
                let hint = "write dwh query \"SELECT …\", use --file, or open the prompt with dwh sql";
                return Err(UsageError::new("there is no SQL to run", hint).into());
            }
            let mut sql = String::new();
            stdin.read_to_string(&mut sql).context("cannot read stdin")?;
            Ok((sql, "stdin".to_owned()))
        }
    }
}

/// Reading leaves the warehouse to a writer, so only statements that write open it for writing.
fn access(statements: &[ParsedStatement]) -> Access {
    let reads = statements.iter().all(|parsed| {
        matches!(
            parsed.statement,
            Statement::Query(_)
                | Statement::Explain { .. }
                | Statement::Set { .. }
                | Statement::Reset(_)
                | Statement::Show(_)
                | Statement::ShowObjects(_)
                | Statement::Prepare(_)
                | Statement::Deallocate(_)
                | Statement::DeclareCursor(_)
                | Statement::Fetch { .. }
                | Statement::CloseCursor(_)
                | Statement::SetTransaction(_)
                | Statement::SetSessionCharacteristics(_)
                | Statement::SetSessionAuthorization { .. }
                | Statement::Use { .. }
                | Statement::Begin(_)
                | Statement::Commit
                | Statement::Rollback
        )
    });
    if reads { Access::Read } else { Access::Write }
}

#[cfg(test)]
mod tests {
    use super::access;
    use crate::context::Access;

    #[test]
    fn only_statements_that_write_open_the_warehouse_for_writing() {
        let access = |sql| access(&dwh_sql::parse(sql).unwrap());
        for sql in
            ["select 1", "with a as (select 1) select * from a", "set query_group to x; show query_group"]
        {
            assert_eq!(access(sql), Access::Read, "{sql}");
        }
        for sql in [
            "select 1 into t",
            "select 1; delete from t",
            "copy t from 's3://b/x' iam_role default json 'auto'",
        ] {
            assert_eq!(access(sql), Access::Write, "{sql}");
        }
    }
}
