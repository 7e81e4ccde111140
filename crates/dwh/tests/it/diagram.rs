use crate::sandbox::Sandbox;

fn loaded() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.generate(100);
    sandbox.dwh(&["etl"]).succeeds();
    sandbox
}

#[test]
fn the_data_model_is_drawn_from_the_live_catalog() {
    let sandbox = loaded();
    sandbox
        .dwh(&["query", "CREATE TABLE labels (\"a<b\" INT, song_id VARCHAR(64) REFERENCES songs)"])
        .succeeds();
    sandbox.dwh(&["diagram", "--output", "model.svg"]).succeeds();
    let svg = std::fs::read_to_string(sandbox.path().join("model.svg")).unwrap();
    for part in
        ["<svg ", ">songplays<", ">staging_events<", ">labels<", ">a&lt;b<", "DIST KEY(song_id)", "PK"]
    {
        assert!(svg.contains(part), "{part} is not drawn");
    }
    let dbml = sandbox.dwh(&["diagram", "--as", "dbml"]).succeeds().stdout;
    for part in [
        "Table \"songplays\" {",
        "\"songplay_id\" \"bigint\" [pk, not null",
        "Ref: \"songplays\".\"start_time\" > \"time\".\"start_time\"",
        "(\"pipeline\", \"load_name\", \"object_url\") [pk]",
    ] {
        assert!(dbml.contains(part), "{part} is not in\n{dbml}");
    }
    let mermaid = sandbox.dwh(&["diagram", "model", "--as", "mermaid"]).succeeds().stdout;
    for part in ["erDiagram", "bigint songplay_id PK", "\"songs\" ||--o{ \"songplays\" : \"song_id\""] {
        assert!(mermaid.contains(part), "{part} is not in\n{mermaid}");
    }
}

#[test]
fn the_architecture_is_drawn_from_the_configuration() {
    let sandbox = Sandbox::new();
    sandbox.configure("s3://bucket");
    let svg = sandbox.dwh(&["diagram", "architecture"]).succeeds().stdout;
    for part in
        ["s3://bucket/log_data", "Embedded warehouse", "songplays", "127.0.0.1:5439", "127.0.0.1:8439"]
    {
        assert!(svg.contains(part), "{part} is not drawn");
    }
    let mermaid = sandbox.dwh(&["diagram", "architecture", "--as", "mermaid"]).succeeds().stdout;
    assert!(mermaid.starts_with("flowchart LR"), "{mermaid}");
    sandbox.dwh(&["diagram", "architecture", "--as", "dbml"]).fails(2, &["DBML holds tables"]);
    sandbox.dwh(&["diagram"]).fails(2, &[]);
}
