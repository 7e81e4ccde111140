//! Statements as compact text: one line a fact, only what differs from nothing.

use std::fmt::Write;

use dwh_sql::rewrite::rewrite_query;
use dwh_sql::statement::{
    AlterTableAction, AttributeSpec, ColumnSpec, ConstraintSpec, ConstraintSpecKind, CreateTable, Drop,
    Insert, InsertSource, MergeAction, MergeMatched, ParsedStatement, Statement, TableName,
};
use dwh_sql::{NameResolver, strip_label_marker};
use sqlparser::ast::{Expr, Query};

/// The tables of the song play pipeline.
struct Sparkify;

impl NameResolver for Sparkify {
    fn columns(&self, table: &TableName) -> Option<Vec<String>> {
        let columns = match table.name.as_str() {
            "staging_events" => {
                "artist auth firstname gender iteminsession lastname length level location method page \
                 registration sessionid song status ts useragent userid"
            }
            "staging_songs" => {
                "num_songs artist_id artist_latitude artist_longitude artist_location artist_name song_id \
                 title duration year"
            }
            "songplays" => {
                "songplay_id start_time user_id level song_id artist_id session_id location user_agent"
            }
            "users" => "user_id first_name last_name gender level",
            "songs" => "song_id title artist_id year duration",
            "artists" => "artist_id name location latitude longitude",
            "time" => "start_time hour day week month year weekday",
            _ => return None,
        };
        Some(columns.split_whitespace().map(str::to_owned).collect())
    }
}

/// A parsed statement as text.
pub(crate) fn statement(parsed: &ParsedStatement) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "-- at {}", parsed.offset_chars + 1);
    body(&mut out, &parsed.statement);
    out
}

fn body(out: &mut String, statement: &Statement) {
    let _ = match statement {
        Statement::Query(query) => {
            planned(out, query);
            Ok(())
        }
        Statement::Explain { verbose, statement } => {
            let _ = writeln!(out, "explain verbose={verbose}");
            body(out, statement);
            Ok(())
        }
        Statement::Insert(insert) => {
            insert_into(out, insert);
            Ok(())
        }
        Statement::Update(update) => {
            let _ = writeln!(out, "update {} alias={:?}", update.table, update.alias);
            if let Some(with) = &update.with {
                let _ = writeln!(out, "  {with}");
            }
            assignments(out, &update.assignments);
            tables(out, "from", &update.from);
            condition(out, "where", update.selection.as_ref());
            Ok(())
        }
        Statement::Delete(delete) => {
            let _ = writeln!(out, "delete {} alias={:?}", delete.table, delete.alias);
            if let Some(with) = &delete.with {
                let _ = writeln!(out, "  {with}");
            }
            tables(out, "using", &delete.using);
            condition(out, "where", delete.selection.as_ref());
            Ok(())
        }
        Statement::Merge(merge) => {
            let _ = writeln!(out, "merge {} using {} on {}", merge.target, merge.source, merge.on);
            merge_action(out, &merge.action);
            Ok(())
        }
        Statement::CreateTable(create) => {
            create_table(out, create);
            Ok(())
        }
        Statement::CreateTableAs(create) => {
            let _ = writeln!(
                out,
                "create table {} temporary={} columns={:?}",
                create.name, create.temporary, create.columns
            );
            attributes(out, &create.attributes);
            planned(out, &create.query);
            Ok(())
        }
        Statement::CreateView(view) => {
            let _ = writeln!(
                out,
                "create view {} or_replace={} columns={:?} late_binding={}\n  text {:?}",
                view.name, view.or_replace, view.columns, view.late_binding, view.query_text
            );
            planned(out, &view.query);
            Ok(())
        }
        Statement::DropTable(drop) => dropped(out, "table", drop),
        Statement::DropView(drop) => dropped(out, "view", drop),
        Statement::AlterTable { table, action } => {
            let _ = writeln!(out, "alter table {table}");
            alter(out, action);
            Ok(())
        }
        Statement::Copy(copy) => writeln!(out, "{copy}"),
        Statement::Unload(unload) => {
            let _ = writeln!(out, "{unload}");
            planned(out, &unload.query);
            Ok(())
        }
        Statement::Prepare(prepare) => {
            let _ = writeln!(
                out,
                "prepare {} types={:?} parameters={} text={:?}",
                prepare.name, prepare.types, prepare.parameter_count, prepare.text
            );
            body(out, &prepare.statement);
            Ok(())
        }
        Statement::Execute(execute) => {
            let arguments: Vec<_> = execute.arguments.iter().map(Expr::to_string).collect();
            writeln!(out, "execute {} ({})", execute.name, arguments.join(", "))
        }
        Statement::DeclareCursor(declare) => {
            let _ = writeln!(out, "declare cursor {}", declare.name);
            planned(out, &declare.query);
            Ok(())
        }
        Statement::Truncate(table) => writeln!(out, "truncate {table}"),
        Statement::Lock(tables) => writeln!(out, "lock {}", names(tables)),
        Statement::Analyze { table, columns } => {
            writeln!(out, "analyze {} columns={columns:?}", optional(table.as_ref()))
        }
        Statement::Vacuum(table) => writeln!(out, "vacuum {}", optional(table.as_ref())),
        Statement::Comment { on, text } => {
            writeln!(out, "comment {} is {text:?}", without_positions(&format!("{on:?}")))
        }
        other => writeln!(out, "{other:?}"),
    };
}

/// A query as read, and as the planner gets it.
fn planned(out: &mut String, query: &Query) {
    let _ = writeln!(out, "query {query}");
    let mut rewritten = query.clone();
    match rewrite_query(&mut rewritten, &Sparkify) {
        Ok(()) => {
            let text = rewritten.to_string();
            let _ = writeln!(out, "planner {}", text.replace('\u{1}', "␁"));
            debug_assert!(!strip_label_marker(&text).is_empty());
        }
        Err(error) => {
            let _ = writeln!(out, "planner refuses: {} {}", error.state.code(), error.message);
        }
    }
}

fn insert_into(out: &mut String, insert: &Insert) {
    let _ = writeln!(out, "insert {} columns={:?}", insert.table, insert.columns);
    match &insert.source {
        InsertSource::DefaultValues => out.push_str("default values\n"),
        InsertSource::Values(rows) => {
            for row in rows {
                let _ = writeln!(out, "  row {}", values(row));
            }
        }
        InsertSource::Query(query) => planned(out, query),
    }
}

fn merge_action(out: &mut String, action: &MergeAction) {
    match action {
        MergeAction::RemoveDuplicates => out.push_str("  remove duplicates\n"),
        MergeAction::Upsert { matched, insert_columns, insert_values } => {
            match matched {
                MergeMatched::Delete => out.push_str("  matched delete\n"),
                MergeMatched::Update(set) => assignments(out, set),
            }
            let _ = writeln!(out, "  insert columns={insert_columns:?} values {}", values(insert_values));
        }
    }
}

fn create_table(out: &mut String, create: &CreateTable) {
    let _ = writeln!(
        out,
        "create table {} temporary={} if_not_exists={}",
        create.name, create.temporary, create.if_not_exists
    );
    create.columns.iter().for_each(|spec| column(out, spec));
    if let Some(like) = &create.like {
        let _ = writeln!(out, "  like {} including_defaults={}", like.table, like.including_defaults);
    }
    constraints(out, &create.constraints);
    attributes(out, &create.attributes);
}

fn column(out: &mut String, spec: &ColumnSpec) {
    let _ = write!(out, "  {} {}", spec.name, spec.data_type);
    if spec.not_null {
        out.push_str(" not null");
    }
    if let Some(default) = &spec.default {
        let _ = write!(out, " default {default}");
    }
    if let Some((seed, step, by_default)) = spec.identity {
        let _ = write!(out, " identity({seed},{step}) by_default={by_default}");
    }
    if let Some(encoding) = &spec.encoding {
        let _ = write!(out, " encode {encoding}");
    }
    if spec.case_insensitive {
        out.push_str(" case_insensitive");
    }
    out.push('\n');
}

fn constraints(out: &mut String, constraints: &[ConstraintSpec]) {
    for constraint in constraints {
        let columns = &constraint.columns;
        match &constraint.name {
            Some(name) => drop(write!(out, "  constraint {name}")),
            None => out.push(' '),
        }
        let _ = match &constraint.kind {
            ConstraintSpecKind::PrimaryKey => writeln!(out, " primary key {columns:?}"),
            ConstraintSpecKind::Unique => writeln!(out, " unique {columns:?}"),
            ConstraintSpecKind::References(table, referenced) => {
                writeln!(out, " foreign key {columns:?} references {table} {referenced:?}")
            }
        };
    }
}

fn attributes(out: &mut String, attributes: &AttributeSpec) {
    if let Some(distribution) = &attributes.distribution {
        let _ = writeln!(out, "  distribution {distribution:?}");
    }
    if let Some(sort_key) = &attributes.sort_key {
        let _ = writeln!(out, "  sort key {sort_key:?}");
    }
    if attributes.backup_no {
        out.push_str("  backup no\n");
    }
}

fn alter(out: &mut String, action: &AlterTableAction) {
    match action {
        AlterTableAction::AddColumn(spec) => {
            out.push_str("  add\n");
            column(out, spec);
        }
        AlterTableAction::AddConstraint(added) => constraints(out, std::slice::from_ref(added)),
        AlterTableAction::AlterAttributes(changed) => {
            out.push_str("  attributes\n");
            attributes(out, changed);
        }
        other => {
            let _ = writeln!(out, "  {other:?}");
        }
    }
}

fn dropped(out: &mut String, kind: &str, drop: &Drop) -> std::fmt::Result {
    writeln!(out, "drop {kind} {} if_exists={} cascade={}", names(&drop.names), drop.if_exists, drop.cascade)
}

fn assignments(out: &mut String, assignments: &[(String, Option<Expr>)]) {
    for (column, value) in assignments {
        let _ = writeln!(out, "  set {column} = {}", values(std::slice::from_ref(value)));
    }
}

fn tables(out: &mut String, what: &str, tables: &[sqlparser::ast::TableWithJoins]) {
    for table in tables {
        let _ = writeln!(out, "  {what} {table}");
    }
}

fn condition(out: &mut String, what: &str, condition: Option<&Expr>) {
    if let Some(condition) = condition {
        let _ = writeln!(out, "  {what} {condition}");
    }
}

fn values(values: &[Option<Expr>]) -> String {
    let texts: Vec<_> =
        values.iter().map(|value| value.as_ref().map_or("DEFAULT".to_owned(), Expr::to_string)).collect();
    texts.join(", ")
}

fn names(tables: &[TableName]) -> String {
    tables.iter().map(TableName::to_string).collect::<Vec<_>>().join(", ")
}

fn optional(table: Option<&TableName>) -> String {
    table.map_or_else(|| "everything".to_owned(), TableName::to_string)
}

/// Positions are checked where they matter; in goldens they only make noise.
fn without_positions(debug: &str) -> String {
    let mut text = debug.to_owned();
    while let Some(start) = text.find(", position: Some(") {
        let end = text[start..].find(')').map_or(text.len(), |end| start + end + 1);
        text.replace_range(start..end, "");
    }
    text
}
