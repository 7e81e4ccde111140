//! CREATE and DROP VIEW, and what changes of one.

use std::sync::Arc;

use uuid::Uuid;

use crate::access::Securable;
use crate::definition::ViewDefinition;
use crate::error::StorageError;
use crate::snapshot::View;
use crate::transaction::Transaction;

impl Transaction {
    /// CREATE VIEW, with `replace` CREATE OR REPLACE VIEW (the view keeps its id and comment).
    ///
    /// # Errors
    /// [`StorageError::SchemaNotFound`], [`StorageError::DuplicateRelation`], [`StorageError::ReadOnly`].
    pub fn create_view(
        &mut self,
        mut definition: ViewDefinition,
        replace: bool,
    ) -> Result<Arc<View>, StorageError> {
        let old = self.view(&definition.schema, &definition.name).filter(|_| replace);
        let view = match old {
            Some(old) => {
                definition.comment = definition.comment.or_else(|| old.definition.comment.clone());
                View { definition, ..View::clone(&old) }
            }
            None => {
                self.contents().check_free(&definition.schema, &definition.name)?;
                View {
                    id: self.warehouse.next_object_id(),
                    definition,
                    created_at: self.warehouse.clock.now(),
                    uuid: Uuid::now_v7().to_string(),
                }
            }
        };
        let view = Arc::new(view);
        self.contents_mut()?.put_view(Arc::clone(&view));
        Ok(view)
    }

    /// DROP VIEW.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn drop_view(&mut self, schema: &str, name: &str) -> Result<(), StorageError> {
        let id = self.existing_view(schema, name)?.id;
        self.contents_mut()?.remove_view(id);
        self.forget(Securable::Relation(id))
    }

    /// ALTER TABLE … RENAME TO of a view.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::DuplicateRelation`], [`StorageError::ReadOnly`].
    pub fn rename_view(&mut self, schema: &str, name: &str, to: &str) -> Result<(), StorageError> {
        let mut view = View::clone(&*self.existing_view(schema, name)?);
        self.contents().check_free(schema, to)?;
        to.clone_into(&mut view.definition.name);
        let contents = self.contents_mut()?;
        contents.remove_view(view.id);
        contents.put_view(Arc::new(view));
        Ok(())
    }

    /// Puts another text and other dependencies in place of a view's, after what it reads was renamed.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn set_view_query(
        &mut self,
        schema: &str,
        name: &str,
        sql: String,
        depends_on: Vec<(String, String)>,
    ) -> Result<(), StorageError> {
        let mut view = View::clone(&*self.existing_view(schema, name)?);
        view.definition.sql = sql;
        view.definition.depends_on = depends_on;
        self.contents_mut()?.put_view(Arc::new(view));
        Ok(())
    }

    /// COMMENT ON VIEW; `None` removes it.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn set_view_comment(
        &mut self,
        schema: &str,
        name: &str,
        comment: Option<String>,
    ) -> Result<(), StorageError> {
        let mut view = View::clone(&*self.existing_view(schema, name)?);
        view.definition.comment = comment;
        self.contents_mut()?.put_view(Arc::new(view));
        Ok(())
    }

    fn existing_view(&self, schema: &str, name: &str) -> Result<Arc<View>, StorageError> {
        self.view(schema, name).ok_or_else(|| StorageError::RelationNotFound(name.to_owned()))
    }
}
