//! Writes values back into `dwh.cfg`: comments, order and everything else stay as they are.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

/// A value to write.
pub(crate) struct Edit<'a> {
    pub(crate) section: &'a str,
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
}

/// Changes the file: it is replaced whole, with its permissions, or not at all.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn write(path: &Path, edits: &[Edit<'_>]) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    // A link stays one.
    let path = &path.canonicalize().with_context(cannot)?;
    let before = std::fs::read_to_string(path).with_context(cannot)?;
    let after = edits.iter().fold(before.clone(), |text, edit| changed(&text, edit));
    if after == before {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
    file.write_all(after.as_bytes()).with_context(cannot)?;
    file.as_file().sync_all().with_context(cannot)?;
    let permissions = std::fs::metadata(path).with_context(cannot)?.permissions();
    std::fs::set_permissions(file.path(), permissions).with_context(cannot)?;
    file.persist(path).with_context(cannot)?;
    Ok(())
}

fn changed(text: &str, edit: &Edit<'_>) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut section = "";
    let mut end_of_section = None;
    for index in 0..lines.len() {
        let trimmed = text_of(text, index);
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        }
        if section != edit.section || trimmed.is_empty() {
            continue;
        }
        end_of_section = Some(index + 1);
        if trimmed.starts_with(['#', ';', '[']) {
            continue;
        }
        if let Some((name, _)) = trimmed.split_once(['=', ':'])
            && name.trim().eq_ignore_ascii_case(edit.key)
        {
            lines[index] = with_value(&lines[index], edit.value);
            return lines.concat();
        }
    }
    let line = format!("{}={}{newline}", edit.key, edit.value);
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push_str(newline);
    }
    match end_of_section {
        Some(index) => lines.insert(index, line),
        None => lines.push(format!("{newline}[{}]{newline}{line}", edit.section)),
    }
    lines.concat()
}

fn text_of(text: &str, line: usize) -> &str {
    text.lines().nth(line).unwrap_or_default().trim_start_matches('\u{feff}').trim()
}

/// The line with another value, blanks and quotes around it kept.
fn with_value(line: &str, value: &str) -> String {
    let separator = line.find(['=', ':']).unwrap_or(line.len() - 1);
    let (key, old) = line.split_at(separator + 1);
    let content = old.trim_end_matches(['\n', '\r']);
    let ending = &old[content.len()..];
    let blanks = &content[..content.len() - content.trim_start().len()];
    let old = content.trim();
    let quote = ['\'', '"']
        .into_iter()
        .find(|quote| old.len() > 1 && old.starts_with(*quote) && old.ends_with(*quote));
    match quote {
        Some(quote) => format!("{key}{blanks}{quote}{value}{quote}{ending}"),
        None => format!("{key}{blanks}{value}{ending}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, changed};

    fn set(text: &str, section: &str, key: &str, value: &str) -> String {
        changed(text, &Edit { section, key, value })
    }

    #[test]
    fn only_the_value_changes() {
        let text = "# mine\n[CLUSTER]\n; the endpoint\nHOST=\nDB_NAME = dwh\n\n[IAM_ROLE]\narn = ''\n";
        let text = set(text, "CLUSTER", "HOST", "h.example");
        let text = set(&text, "IAM_ROLE", "ARN", "arn:aws:iam::1:role/r");
        assert_eq!(
            text,
            "# mine\n[CLUSTER]\n; the endpoint\nHOST=h.example\nDB_NAME = dwh\n\n[IAM_ROLE]\narn = 'arn:aws:iam::1:role/r'\n"
        );
        assert_eq!(set(&text, "CLUSTER", "HOST", "h.example"), text, "twice is once");
    }

    #[test]
    fn a_missing_key_or_section_is_added_at_its_place() {
        assert_eq!(
            set("[CLUSTER]\nA=1\n\n[S3]\nB=2\n", "CLUSTER", "HOST", "h"),
            "[CLUSTER]\nA=1\nHOST=h\n\n[S3]\nB=2\n"
        );
        assert_eq!(set("[S3]\nB=2", "CLUSTER", "HOST", "h"), "[S3]\nB=2\n\n[CLUSTER]\nHOST=h\n");
    }

    #[test]
    fn a_key_of_another_section_and_line_endings_stay() {
        let text = "[S3]\r\nHOST=x\r\n[CLUSTER]\r\n#HOST=y\r\nHOST=\"z\"\r\n";
        assert_eq!(
            set(text, "CLUSTER", "HOST", "h"),
            "[S3]\r\nHOST=x\r\n[CLUSTER]\r\n#HOST=y\r\nHOST=\"h\"\r\n"
        );
    }
}
