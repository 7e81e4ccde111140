//! What AWS has given goes into dwh.cfg, as 27 of the public scripts do it by hand (RS 10.3).

use crate::config::edit::{self, Edit};
use crate::config::{Origin, Settings};
use crate::context::Context;

/// Writes the role's ARN and the endpoint, as far as they are known.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(
    context: &Context,
    role_arn: Option<&str>,
    endpoint: Option<&(String, u16)>,
) -> anyhow::Result<()> {
    let port = endpoint.map(|(_, port)| port.to_string());
    let known = [
        ("IAM_ROLE", "ARN", role_arn),
        ("CLUSTER", "HOST", endpoint.map(|(host, _)| host.as_str())),
        ("CLUSTER", "DB_PORT", port.as_deref()),
    ];
    let known =
        known.into_iter().filter_map(|(section, key, value)| Some(Edit { section, key, value: value? }));
    let edits: Vec<Edit<'_>> =
        known.filter(|edit| context.text(edit.section, edit.key) != Some(edit.value)).collect();
    if edits.is_empty() {
        return Ok(());
    }
    let Settings { file: Some(path), .. } = &context.settings else {
        for edit in &edits {
            context.printer.note(format_args!("[{}] {}={}", edit.section, edit.key, edit.value));
        }
        context.printer.warning("there is no dwh.cfg to write this into; `dwh init` makes one");
        return Ok(());
    };
    edit::write(path, &edits)?;
    for edit in &edits {
        context.printer.note(format_args!("wrote {} into {}", edit.key, path.display()));
        if let Some(Origin::Variable(name)) = context.settings.origin_of(edit.section, edit.key) {
            context.printer.warning(format_args!("the variable {name} still wins over the file"));
        }
    }
    Ok(())
}
