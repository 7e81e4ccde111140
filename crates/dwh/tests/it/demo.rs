use crate::sandbox::Sandbox;

#[test]
fn the_demo_answers_the_questions_with_the_expected_results_and_can_be_repeated() {
    let sandbox = Sandbox::new();
    let run = sandbox.dwh(&["demo"]).succeeds();
    assert!(run.stderr.contains("queries give the expected results of demo"), "{}", run.stderr);
    assert!(run.stdout.contains("│"), "{}", run.stdout);
    let here = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.current_dir(sandbox.path().join("dwh-demo"));
        crate::sandbox::Run::of(&mut command).succeeds()
    };
    here(&["verify"]);
    here(&["check"]);
    let again = here(&["etl"]);
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
    let again = sandbox.dwh(&["--quiet", "demo"]).succeeds();
    assert_eq!(again.stderr, "");
}

#[test]
fn the_demo_keeps_away_from_folders_that_are_not_its_own() {
    let sandbox = Sandbox::new();
    sandbox.write("mine/dwh.cfg", "[S3]\n");
    sandbox.write("mine/data/precious.txt", "x");
    sandbox.dwh(&["demo", "--dir", "mine"]).fails(2, &["mine", "something else", "--dir"]);
    assert!(sandbox.path().join("mine/data/precious.txt").exists());
}

#[test]
fn equal_seeds_generate_equal_files_and_old_data_is_not_mixed_with_new() {
    let sandbox = Sandbox::new();
    let generate = |dir, seed| {
        sandbox
            .dwh(&["generate", dir, "--events", "50", "--songs", "5", "--days", "1", "--seed", seed])
            .succeeds();
        std::fs::read(sandbox.path().join(dir).join("log_data/2018/11/2018-11-01-events.json")).unwrap()
    };
    let first = generate("a", "7");
    assert_eq!(first, generate("b", "7"));
    assert_ne!(first, generate("c", "8"));
    sandbox.dwh(&["generate", "a"]).fails(2, &["a/log_data", "is there already"]);
    sandbox.dwh(&["generate", "d", "--users", "0"]).fails(2, &["users is 0", "at least 1"]);
}
