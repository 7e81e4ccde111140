use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::help::COMMANDS;
use crate::sandbox::Sandbox;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_page_of_commands_is_what_help_says() {
    let sandbox = Sandbox::new();
    let mut page = String::from(
        "# Commands\n\nWhat `--help` says. This page is written by `DWH_UPDATE_DOCS=1 cargo test -p dwh`.\n",
    );
    for command in std::iter::once(&[][..]).chain(COMMANDS.iter().copied()) {
        let args: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let help = sandbox.dwh(&args).succeeds().stdout;
        let name = ["dwh"].iter().chain(command).copied().collect::<Vec<_>>().join(" ");
        write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.trim_end()).unwrap();
    }
    if std::env::var_os("DWH_UPDATE_DOCS").is_some() {
        std::fs::write(path("docs/commands.md"), &page).unwrap();
    }
    assert_eq!(read("docs/commands.md"), page, "write it anew with DWH_UPDATE_DOCS=1");
}

#[test]
fn every_dependency_has_its_reason_and_no_reason_lacks_its_dependency() {
    let manifest = read("Cargo.toml");
    let dependencies =
        manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let mut expected: Vec<&str> = dependencies
        .lines()
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .filter(|name| !name.starts_with(['#', ' ']) && !name.starts_with("dwh-"))
        .collect();
    let document = read("docs/dependencies.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let mut explained: Vec<&str> = rows.skip(1).flat_map(|names| names.split(", ")).collect();
    expected.sort_unstable();
    explained.sort_unstable();
    assert_eq!(explained, expected);
}

#[test]
fn every_link_of_the_documents_leads_to_a_file() {
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/aws.md",
        "docs/console.md",
        "docs/loading.md",
        "docs/dependencies.md",
        "docs/configuration.md",
    ] {
        let text = read(name);
        let folder = path(name);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = folder.parent().unwrap().join(link);
            assert!(link.contains("://") || target.exists(), "{name} links to {link}, which is not there");
        }
    }
}
