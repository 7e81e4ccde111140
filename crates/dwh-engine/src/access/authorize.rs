//! Which privileges each kind of statement needs, asked before it runs. Relations that a query reads are
//! asked for where they are resolved, in the planner.
//!
//! A name that stands for nothing passes: the statement itself reports it.

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{
    AlterSchemaAction, AlterTableAction, AlterUserAction, CommentTarget, ConstraintSpec, CreateSchema,
    CreateTable, Statement, TableName, Update, UserOptions,
};
use dwh_storage::{Privilege, Securable, Table};
use sqlparser::ast::{Expr, visit_expressions};

use super::rights::Rights;
use super::rights::{allow, denied, must_be_owner, must_be_superuser, relation_of, relation_of_view};
use crate::context::StatementContext;
use crate::names::Relation;

/// Refuses the statement if its user may not run it.
///
/// # Errors
/// 42501: `permission denied for …`, `must be owner of …`.
pub(crate) fn authorize(context: &StatementContext<'_>, statement: &Statement) -> Result<(), SqlError> {
    let rights = context.rights();
    if rights.user().is_none() {
        return Err(SqlError::new(
            SqlState::InvalidAuthorizationSpecification,
            format!("user \"{}\" does not exist", context.user),
        ));
    }
    if rights.is_superuser() {
        return Ok(());
    }
    let asker = Asker { context, rights };
    match statement {
        Statement::Explain { statement, .. } => authorize(context, statement),
        Statement::Insert(insert) => asker.on_table(&insert.table, &[Privilege::INSERT]),
        Statement::Copy(copy) => {
            asker.on_table(&copy.table, &[Privilege::INSERT])?;
            // The guide: who uses STATUPDATE must own the table.
            match copy.storage_options.iter().any(|option| option.starts_with("STATUPDATE")) {
                true => asker.own(&copy.table, &[], Privilege::ANALYZE),
                false => Ok(()),
            }
        }
        Statement::Update(update) => asker.update(update),
        Statement::Delete(delete) => {
            asker.on_table(&delete.table, &[Privilege::DELETE])?;
            asker.reads_target(&delete.table, delete.selection.as_ref())
        }
        Statement::Merge(merge) => asker.on_table(
            &merge.target,
            &[Privilege::SELECT, Privilege::INSERT, Privilege::UPDATE, Privilege::DELETE],
        ),
        Statement::CreateTable(create) => asker.create_table(create),
        Statement::CreateTableAs(create) => {
            asker.create(&create.name, create.temporary, Privilege::CREATE_TABLE)
        }
        Statement::CreateView(create) => {
            asker.create(&create.name, false, Privilege::CREATE_OR_REPLACE_VIEW)?;
            if create.or_replace {
                asker.own(&create.name, &[], Privilege::CREATE_OR_REPLACE_VIEW)
            } else {
                Ok(())
            }
        }
        Statement::DropTable(drop) => {
            drop.names.iter().try_for_each(|name| asker.own(name, &[Privilege::DROP], Privilege::DROP_TABLE))
        }
        Statement::DropView(drop) => {
            drop.names.iter().try_for_each(|name| asker.own(name, &[Privilege::DROP], Privilege::DROP_VIEW))
        }
        Statement::CreateSchema(create) => asker.create_schema(create),
        Statement::DropSchema { names, .. } => names
            .iter()
            .try_for_each(|name| asker.own_schema(name, &[Privilege::DROP], Privilege::DROP_SCHEMA)),
        Statement::AlterTable { action: AlterTableAction::RowLevelSecurity(_), .. }
        | Statement::Policy(_) => asker.secures(),
        Statement::AlterTable { table, action } => asker.alter_table(table, action),
        Statement::CreateMaterializedView(create) => {
            asker.create(&create.name, false, Privilege::CREATE_TABLE)
        }
        Statement::RefreshMaterializedView { name, .. } | Statement::AlterMaterializedView { name, .. } => {
            asker.own(name, &[], Privilege::ALTER_TABLE)
        }
        Statement::DropMaterializedView(drop) => {
            drop.names.iter().try_for_each(|name| asker.own(name, &[Privilege::DROP], Privilege::DROP_VIEW))
        }
        Statement::AlterSchema { name, action } => match action {
            AlterSchemaAction::Quota(_) => Err(must_be_superuser("change the quota of a schema")),
            AlterSchemaAction::OwnerTo(_) => asker.own_schema(name, &[], Privilege::CREATE_SCHEMA),
            AlterSchemaAction::Rename(_) => {
                asker.own_schema(name, &[Privilege::ALTER], Privilege::CREATE_SCHEMA)
            }
        },
        Statement::AlterDatabase { .. } => asker.own_database(),
        Statement::Truncate(table) => asker.own(table, &[Privilege::TRUNCATE], Privilege::TRUNCATE_TABLE),
        Statement::Lock(tables) => tables.iter().try_for_each(|name| {
            asker.on_any(name, &[Privilege::UPDATE, Privilege::DELETE, Privilege::INSERT])
        }),
        Statement::Comment { on, .. } => asker.comment(on),
        Statement::CreateUser { options, .. } => {
            asker.user_options(options, Privilege::CREATE_USER, "create users")
        }
        Statement::AlterUser { name, action } => asker.alter_user(name, action),
        Statement::DropUsers { .. } => asker.system(Privilege::DROP_USER, "drop users"),
        Statement::CreateGroup { .. } => Err(must_be_superuser("create groups")),
        Statement::AlterGroup { .. } => Err(must_be_superuser("alter groups")),
        Statement::DropGroup(_) => Err(must_be_superuser("drop groups")),
        Statement::CreateRole { .. } => asker.system(Privilege::CREATE_ROLE, "create roles"),
        Statement::DropRole { name, .. } => asker.role(name, Privilege::DROP_ROLE),
        Statement::AlterRole { name, .. } => asker.role(name, Privilege::CREATE_ROLE),
        Statement::AlterDefaultPrivileges(alter) => {
            let is_own = alter.creators.iter().all(|creator| *creator == context.user);
            allow(is_own || asker.rights.has_system(Privilege::ALTER_DEFAULT_PRIVILEGES), || {
                must_be_superuser("alter the default privileges of others")
            })
        }
        _ => Ok(()),
    }
}

struct Asker<'a> {
    context: &'a StatementContext<'a>,
    rights: Rights<'a>,
}

impl Asker<'_> {
    /// The relation of a name, unless the name stands for nothing, or the user may do as they like with it.
    fn find(&self, name: &TableName) -> Result<Option<Relation>, SqlError> {
        let Ok(relation) = self.context.names().resolve(name) else { return Ok(None) };
        let schema = match &relation {
            Relation::Table(table) if table.definition.temporary => return Ok(None),
            Relation::Table(table) => &table.definition.schema,
            Relation::View(view) => &view.definition.schema,
            Relation::System(_) => return Ok(Some(relation)),
        };
        self.rights.check_schema(schema, Privilege::USAGE)?;
        Ok(Some(relation))
    }

    fn on_table(&self, name: &TableName, privileges: &[Privilege]) -> Result<(), SqlError> {
        match self.find(name)? {
            None => Ok(()),
            Some(Relation::System(system)) => Err(denied("relation", system.name)),
            Some(Relation::Table(table)) => privileges
                .iter()
                .try_for_each(|p| self.rights.check_relation(table.id, &table.definition.name, *p)),
            Some(Relation::View(view)) => privileges
                .iter()
                .try_for_each(|p| self.rights.check_relation(view.id, &view.definition.name, *p)),
        }
    }

    fn on_any(&self, name: &TableName, privileges: &[Privilege]) -> Result<(), SqlError> {
        let last = privileges.iter().map(|privilege| self.on_table(name, &[*privilege]));
        last.reduce(Result::or).unwrap_or(Ok(()))
    }

    /// UPDATE wants the privilege on the table or on each column that it sets.
    fn update(&self, update: &Update) -> Result<(), SqlError> {
        if let Some(Relation::Table(table)) = self.find(&update.table)? {
            let may_set = |column: &str| {
                table
                    .definition
                    .column(column)
                    .is_none_or(|column| self.rights.has_on_column(table.id, column.id, Privilege::UPDATE))
            };
            let on_table = self.rights.has(relation_of(&table), Privilege::UPDATE);
            allow(on_table || update.assignments.iter().all(|(column, _)| may_set(column)), || {
                denied("relation", &table.definition.name)
            })?;
            let values = update.assignments.iter().filter_map(|(_, value)| value.as_ref());
            let conditions = update.selection.iter().chain(values);
            return self.reads_columns(&table, conditions);
        }
        self.on_table(&update.table, &[Privilege::UPDATE])
    }

    /// DELETE reads the columns of its target that its condition names.
    fn reads_target(&self, name: &TableName, condition: Option<&Expr>) -> Result<(), SqlError> {
        match self.find(name)? {
            Some(Relation::Table(table)) => self.reads_columns(&table, condition),
            _ => Ok(()),
        }
    }

    /// SELECT on the table, or on those of its columns that the expressions name. A column of another
    /// table of the statement that has the same name counts too: rather too strict than too lax.
    fn reads_columns<'e>(
        &self,
        table: &Table,
        expressions: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<(), SqlError> {
        let may_read = |name: &str| {
            table
                .definition
                .column(name)
                .is_none_or(|column| self.rights.has_on_column(table.id, column.id, Privilege::SELECT))
        };
        let refused = expressions.into_iter().any(|expression| {
            visit_expressions(expression, |part| {
                let name = match part {
                    Expr::Identifier(ident) => Some(ident),
                    Expr::CompoundIdentifier(idents) => idents.last(),
                    _ => None,
                };
                match name {
                    Some(ident) if !may_read(&ident.value) => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                }
            })
            .is_break()
        });
        allow(!refused, || denied("relation", &table.definition.name))
    }

    fn create_table(&self, create: &CreateTable) -> Result<(), SqlError> {
        self.create(&create.name, create.temporary, Privilege::CREATE_TABLE)?;
        if let Some(like) = &create.like {
            self.on_table(&like.table, &[Privilege::SELECT])?;
        }
        let referenced = create.constraints.iter().filter_map(ConstraintSpec::referenced_table);
        referenced.into_iter().try_for_each(|table| self.on_table(table, &[Privilege::REFERENCES]))
    }

    /// A new relation: CREATE on its schema, or TEMPORARY on the database.
    pub(super) fn create(
        &self,
        name: &TableName,
        temporary: bool,
        system: Privilege,
    ) -> Result<(), SqlError> {
        if temporary {
            return allow(self.rights.has(Securable::Database, Privilege::TEMPORARY), || {
                let database = self.context.engine.database();
                SqlError::new(
                    SqlState::InsufficientPrivilege,
                    format!("permission denied to create temporary tables in database \"{database}\""),
                )
            });
        }
        let Ok(schema) = self.context.names().schema_for_new(name) else { return Ok(()) };
        if self.rights.has_system(system) {
            return Ok(());
        }
        self.rights.check_schema(&schema, Privilege::CREATE)
    }

    /// The owner of a relation, or whoever has one of the privileges or the system privilege.
    fn own(&self, name: &TableName, privileges: &[Privilege], system: Privilege) -> Result<(), SqlError> {
        let owned = |object, schema: &str, name: &str| {
            let granted = privileges.iter().any(|privilege| self.rights.has(object, *privilege));
            if granted || self.rights.has_system(system) {
                return Ok(());
            }
            self.rights.check_owner(object, schema, name)
        };
        match self.find(name)? {
            None => Ok(()),
            Some(Relation::System(system)) => Err(must_be_owner("relation", system.name)),
            Some(Relation::Table(table)) => {
                owned(relation_of(&table), &table.definition.schema, &table.definition.name)
            }
            Some(Relation::View(view)) => {
                owned(relation_of_view(&view), &view.definition.schema, &view.definition.name)
            }
        }
    }

    fn own_schema(&self, name: &str, privileges: &[Privilege], system: Privilege) -> Result<(), SqlError> {
        let Some(schema) = self.context.transaction.schemas().into_iter().find(|s| s.name == name) else {
            return Ok(());
        };
        let on = Securable::Schema(schema.id);
        let granted = privileges.iter().any(|privilege| self.rights.has(on, *privilege));
        allow(granted || self.rights.owns(on) || self.rights.has_system(system), || {
            must_be_owner("schema", name)
        })
    }

    fn own_database(&self) -> Result<(), SqlError> {
        allow(self.rights.owns(Securable::Database), || {
            must_be_owner("database", self.context.engine.database())
        })
    }

    fn create_schema(&self, create: &CreateSchema) -> Result<(), SqlError> {
        let may = self.rights.has(Securable::Database, Privilege::CREATE)
            || self.rights.has_system(Privilege::CREATE_SCHEMA);
        allow(may, || denied("database", self.context.engine.database()))?;
        let for_other = create.owner.as_ref().is_some_and(|owner| *owner != self.context.user);
        allow(!for_other, || must_be_superuser("create schemas for other users"))
    }

    fn alter_table(&self, name: &TableName, action: &AlterTableAction) -> Result<(), SqlError> {
        self.own(name, &[Privilege::ALTER], Privilege::ALTER_TABLE)?;
        match action {
            // The guide: to rename, the user must own the object and have CREATE on its schema.
            AlterTableAction::RenameTable(_) => match self.find(name)? {
                Some(Relation::Table(table)) => {
                    self.rights.check_schema(&table.definition.schema, Privilege::CREATE)
                }
                _ => Ok(()),
            },
            AlterTableAction::Append { source, .. } => {
                self.on_table(name, &[Privilege::INSERT])?;
                self.own(source, &[Privilege::TRUNCATE], Privilege::TRUNCATE_TABLE)
            }
            AlterTableAction::OwnerTo(_) => self.own(name, &[], Privilege::ALTER_TABLE),
            AlterTableAction::AddConstraint(constraint) => match constraint.referenced_table() {
                Some(table) => self.on_table(table, &[Privilege::REFERENCES]),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn comment(&self, on: &CommentTarget) -> Result<(), SqlError> {
        match on {
            CommentTarget::Table(name) | CommentTarget::View(name) | CommentTarget::Column(name, _) => {
                self.own(name, &[], Privilege::ALTER_TABLE)
            }
            CommentTarget::Schema(name) => self.own_schema(name, &[], Privilege::DROP_SCHEMA),
            CommentTarget::Constraint(_, name) => self.own(name, &[], Privilege::ALTER_TABLE),
            CommentTarget::Database(_) => self.own_database(),
            CommentTarget::Function(function) => {
                let id = crate::execute::resolve_function(self.context, function)?;
                let name = &function.name.name;
                allow(self.rights.owns(Securable::Function(id)), || must_be_owner("function", name))
            }
            CommentTarget::Procedure(procedure) => {
                let id = crate::execute::resolve_procedure(self.context, procedure)?;
                let name = &procedure.name.name;
                allow(self.rights.owns(Securable::Procedure(id)), || must_be_owner("procedure", name))
            }
        }
    }

    fn system(&self, privilege: Privilege, what: &str) -> Result<(), SqlError> {
        allow(self.rights.has_system(privilege), || must_be_superuser(what))
    }

    /// Only a superuser makes superusers.
    fn user_options(&self, options: &UserOptions, privilege: Privilege, what: &str) -> Result<(), SqlError> {
        self.system(privilege, what)?;
        allow(options.superuser != Some(true), || must_be_superuser("create superusers"))
    }

    /// Everybody may change their own password and settings.
    fn alter_user(&self, name: &str, action: &AlterUserAction) -> Result<(), SqlError> {
        let own = name == self.context.user;
        let is_superuser = self.rights.access().user(name).is_some_and(|user| user.superuser);
        match action {
            AlterUserAction::Options(options) if own && only_password(options) => Ok(()),
            AlterUserAction::Set { .. } if own => Ok(()),
            _ if is_superuser => Err(must_be_superuser("alter superusers")),
            AlterUserAction::Options(options) => {
                self.user_options(options, Privilege::ALTER_USER, "alter users")
            }
            AlterUserAction::Rename(_) | AlterUserAction::Set { .. } => {
                self.system(Privilege::ALTER_USER, "alter users")
            }
        }
    }

    /// The guide: superusers and `sys:secadmin` manage policies.
    fn secures(&self) -> Result<(), SqlError> {
        allow(self.rights.is_security_administrator(), || {
            let message = "must be superuser or have the role sys:secadmin to manage policies";
            SqlError::new(SqlState::InsufficientPrivilege, message)
        })
    }

    fn role(&self, name: &str, system: Privilege) -> Result<(), SqlError> {
        let owns = self.rights.access().role(name).is_none_or(|role| role.owner == self.rights.user_id());
        allow(owns || self.rights.has_system(system), || must_be_owner("role", name))
    }
}

fn only_password(options: &UserOptions) -> bool {
    options.create_db.is_none()
        && options.superuser.is_none()
        && options.syslog_unrestricted.is_none()
        && options.valid_until.is_none()
        && options.connection_limit.is_none()
        && options.session_timeout_seconds.is_none()
        && options.external_id.is_none()
        && options.groups.is_empty()
}
