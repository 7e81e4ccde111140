//! `dwh config show`: each value and where it came from.

use crate::config::Value;
use crate::config::keys::KEYS;
use crate::context::Context;
use crate::output::Rows;

/// Prints the configuration, secrets as asterisks.
///
/// # Errors
/// Stdout is closed.
pub(crate) fn show(context: &Context) -> anyhow::Result<()> {
    let Context { settings, printer, .. } = context;
    let target = format!("{:?}", settings.target.value).to_lowercase();
    let warehouse = settings.warehouse.value.display().to_string();
    let general = [
        ("warehouse", Some(warehouse), settings.warehouse.origin.to_string()),
        ("target", Some(target), settings.target.origin.to_string()),
    ]
    .map(|(key, value, source)| [None, Some(key.to_owned()), value, Some(source)]);
    let of_file = KEYS.iter().map(|key| {
        [
            Some(key.section.to_owned()),
            Some(key.name.to_owned()),
            settings.get(key.section, key.name).map(Value::to_string),
            settings.origin(key).map(ToString::to_string),
        ]
    });
    let rows = general.into_iter().chain(of_file);
    printer.rows(&Rows::of_text(["section", "key", "value", "source"], rows))?;
    match &settings.file {
        Some(path) => printer.note(format_args!("read from {}", path.display())),
        None => printer.note("no dwh.cfg here; `dwh init` writes one"),
    }
    Ok(())
}
