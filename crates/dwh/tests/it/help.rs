use crate::sandbox::Sandbox;

/// Every command that does something.
pub(crate) const COMMANDS: &[&[&str]] = &[
    &["demo"],
    &["init"],
    &["generate"],
    &["compact"],
    &["config", "show"],
    &["cluster", "create"],
    &["cluster", "wait"],
    &["cluster", "status"],
    &["cluster", "open-port"],
    &["cluster", "close-port"],
    &["cluster", "pause"],
    &["cluster", "resume"],
    &["cluster", "delete"],
    &["cluster", "policy"],
    &["tables", "create"],
    &["tables", "drop"],
    &["tables", "list"],
    &["tables", "describe"],
    &["etl"],
    &["verify"],
    &["check"],
    &["loads"],
    &["loads", "errors"],
    &["query"],
    &["sql"],
    &["console"],
    &["diagram"],
    &["serve"],
];

#[test]
fn every_command_has_help_with_the_global_options() {
    let sandbox = Sandbox::new();
    for command in COMMANDS {
        let args: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let help = sandbox.dwh(&args).succeeds().stdout;
        for option in ["--warehouse", "--config", "--target", "--format", "--quiet", "--verbose"] {
            assert!(help.contains(option), "{command:?} lacks {option}:\n{help}");
        }
    }
}

#[test]
fn wrong_usage_exits_with_2_and_prints_nothing_on_stdout() {
    let sandbox = Sandbox::new();
    let wrong: &[&[&str]] = &[
        &[],
        &["frobnicate"],
        &["etl", "--frobnicate"],
        &["query", "--format", "xml", "select 1"],
        &["etl", "--interval", "5"],
        &["generate"],
        &["compact"],
        &["generate", "data", "--start-date", "yesterday"],
        &["tables", "drop"],
    ];
    for args in wrong {
        let run = sandbox.dwh(args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}: {run:#?}");
        assert!(!run.stderr.is_empty(), "{args:?}");
    }
}
