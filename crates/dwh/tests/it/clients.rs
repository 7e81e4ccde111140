//! Real clients against `dwh serve`: the pytest suite in `tests/clients`. Needs `DWH_TEST_PYTHON` with the
//! packages of its requirements, and says so without.

use std::path::Path;
use std::process::Command;

#[test]
fn the_suite_of_real_clients_passes() {
    let Some(python) = std::env::var_os("DWH_TEST_PYTHON") else {
        eprintln!("skipped: DWH_TEST_PYTHON names no Python with the clients");
        return;
    };
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients");
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(python)
        .args(["-m", "pytest", "--quiet", "-rs", "-p", "no:cacheprovider"])
        .arg(&suite)
        .env("DWH_BINARY", env!("CARGO_BIN_EXE_dwh"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("HOME", home.path())
        .current_dir(home.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(" passed"), "{text}");
    // Where clients are missing their tests are skipped; in CI none may be.
    assert!(std::env::var_os("CI").is_none() || !text.contains("is not installed"), "{text}");
}
