use std::path::{Path, PathBuf};

/// A folder of the sample data, for example `sparkify`: in `$DWH_TEST_DATA`, else in `shared/data`
/// beside the workspace or further up. Says on stderr that the test is skipped if there is none.
#[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
pub fn sample_data(name: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2);
    let beside = workspace.map(|folder| folder.join("shared/data"));
    let given = std::env::var_os("DWH_TEST_DATA").map(PathBuf::from);
    let found =
        given.into_iter().chain(beside).map(|folder| folder.join(name)).find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: there is no sample data '{name}'; name its folder in DWH_TEST_DATA");
    }
    found
}
