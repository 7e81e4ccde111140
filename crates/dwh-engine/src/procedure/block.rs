//! Blocks: their variables, and the exceptions that they catch (the guide's page "Trapping errors").

use dwh_common::RedshiftType;
use dwh_sql::plpgsql::{Block, Handler, Target};

use super::interpreter::{Flow, Interpreter, Raised, Ran};
use super::value::{Kind, Value};
use super::variables::Slot;

impl<'b> Interpreter<'b, '_> {
    pub(super) async fn block(&mut self, block: &'b Block) -> Ran {
        for declaration in &block.declarations {
            let place = format!("line {} during block variables initialization", declaration.line);
            self.declare(declaration.variable).map_err(|error| self.placed(error.into(), &place))?;
            if let Some(default) = &declaration.default {
                let target = Target { variable: declaration.variable, field: None };
                let assigned = async {
                    let value = self.value(default).await?;
                    self.set(&target, value).await
                };
                let assigned = assigned.await;
                assigned.map_err(|error| self.placed(error.into(), &place))?;
            }
        }
        let Some(handler) = &block.handler else {
            return Ok(left(self.statements(&block.body).await?, block));
        };
        let index = self.handlers.len();
        self.handlers.push(handler);
        let done = match self.statements(&block.body).await {
            Err(raised) if !handler.continues && raised.beyond > index && raised.can_be_caught() => {
                self.handle(handler, raised, index).await
            }
            done => done,
        };
        self.handlers.truncate(index);
        Ok(left(done?, block))
    }

    /// Runs the CONTINUE_HANDLER of the nearest block for a statement that failed, and goes on behind it.
    pub(super) async fn continue_behind(&mut self, raised: Raised) -> Ran {
        let Some(index) = self.handlers.len().checked_sub(1) else { return Err(raised) };
        let handler = self.handlers[index];
        if !handler.continues || raised.beyond <= index || !raised.can_be_caught() {
            return Err(raised);
        }
        self.handle(handler, raised, index).await
    }

    /// Runs a handler in a transaction of its own. What it raises is caught by the blocks around; in an atomic
    /// procedure the exception then goes on.
    async fn handle(&mut self, handler: &'b Handler, raised: Raised, index: usize) -> Ran {
        let inner = self.handlers.split_off(index);
        self.caller.begin_handler();
        let text = |text: &str| {
            let data_type = RedshiftType::MAX_VARCHAR;
            Slot::Value(Kind::Type(data_type), Value::new(data_type, text))
        };
        self.slots[handler.sqlstate] = text(raised.error.state.code());
        self.slots[handler.sqlerrm] = text(&raised.error.message);
        let again = Raised { beyond: index, ..raised };
        self.caught.push(again.clone());
        let done = match self.statements(&handler.body).await {
            Ok(flow) => self.caller.end_handler().await.map(|()| flow).map_err(Raised::from),
            failed => failed,
        };
        self.caught.pop();
        self.handlers.extend(inner);
        match done {
            Ok(flow) if self.definition.nonatomic => Ok(flow),
            Ok(_) => Err(again),
            Err(raised) => Err(Raised { beyond: raised.beyond.min(index), ..raised }),
        }
    }
}

/// EXIT with the label of a block goes on behind it.
fn left(flow: Flow, block: &Block) -> Flow {
    match flow {
        Flow::Exit(Some(label)) if block.label.as_ref() == Some(&label) => Flow::Next,
        flow => flow,
    }
}
