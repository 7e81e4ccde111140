use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dwh_common::{Secret, hex};
use dwh_engine::{Engine, EngineOptions, SessionOptions};
use md5::{Digest, Md5};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::{Failure, greet};
use crate::auth::Owner;
use crate::connection::session::Connection;
use crate::server::{ServerOptions, Shared};

/// Beside the owner, whose sessions may be idle for ever, a user whose may not.
async fn shared(options: ServerOptions) -> (tempfile::TempDir, Arc<Shared>) {
    let dir = tempfile::tempdir().expect("a folder");
    let engine = Engine::open(EngineOptions::new(dir.path())).expect("a warehouse");
    let session = engine.session(SessionOptions::default());
    session.run("CREATE USER brief PASSWORD 'Brief1Brief' SESSION TIMEOUT 60").await.expect("a user");
    (dir, Arc::new(Shared::new(engine, options).expect("a certificate and random numbers")))
}

fn options() -> ServerOptions {
    let owner = Owner { name: "awsuser".to_owned(), password: Secret::new("Own3rOwner") };
    ServerOptions { certificate: None, ..ServerOptions::new(Some(owner)) }
}

/// Logs in; what is let in, and the client's side.
async fn connect(
    shared: &Arc<Shared>,
    user: &str,
    password: &str,
) -> (Result<Option<Connection>, Failure>, DuplexStream) {
    let (mut client, server) = tokio::io::duplex(4096);
    let login = async {
        let body = format!("user\0{user}\0database\0{}\0\0", shared.engine.database());
        let length = i32::try_from(body.len() + 8).expect("it is short");
        let packet = [&length.to_be_bytes()[..], &[0, 3, 0, 0], body.as_bytes()].concat();
        client.write_all(&packet).await.expect("the server listens");
        let (tag, question) = message(&mut client).await;
        if tag != b'R' {
            return Some((tag, question));
        }
        let inner = hex::encode(Md5::digest(format!("{password}{user}")));
        let salted = [inner.as_bytes(), &question[4..]].concat();
        let answer = format!("md5{}\0", hex::encode(Md5::digest(salted)));
        let packet = [b"p\0\0\0\x28", answer.as_bytes()].concat();
        client.write_all(&packet).await.expect("the server listens");
        None
    };
    let peer = "127.0.0.1:1".parse().expect("an address");
    let (refused, greeted) = tokio::join!(login, greet(server, peer, shared));
    if let Some((tag, error)) = refused {
        assert_eq!(tag, b'E', "{error:?}");
    }
    (greeted, client)
}

async fn message(client: &mut DuplexStream) -> (u8, Bytes) {
    let tag = client.read_u8().await.expect("a message");
    let length = usize::try_from(client.read_i32().await.expect("its length")).expect("no less than 4");
    let mut body = vec![0; length - 4];
    client.read_exact(&mut body).await.expect("its body");
    (tag, body.into())
}

#[tokio::test]
async fn the_shorter_of_the_servers_and_the_users_time_counts() {
    let limit = |seconds| Some(Duration::from_secs(seconds));
    for (of_server, of_owner, of_brief) in [(None, None, limit(60)), (limit(20), limit(20), limit(20))] {
        let (_dir, shared) = shared(ServerOptions { idle_timeout: of_server, ..options() }).await;
        for (user, password, expected) in
            [("brief", "Brief1Brief", of_brief), ("awsuser", "Own3rOwner", of_owner)]
        {
            let (greeted, _client) = connect(&shared, user, password).await;
            let connection = greeted.expect("the password is right").expect("the client is there");
            assert_eq!(connection.idle_timeout(), expected, "{user}");
        }
    }
}

#[tokio::test]
async fn a_client_too_many_is_told_in_place_of_the_question_for_its_password() {
    let (_dir, shared) = shared(ServerOptions { max_connections: 1, ..options() }).await;
    let (first, _client) = connect(&shared, "brief", "Brief1Brief").await;
    let (second, _client) = connect(&shared, "brief", "Brief1Brief").await;
    assert!(first.is_ok());
    assert!(matches!(second, Err(Failure::Fatal(error)) if error.state.code() == "53300"));
    drop(first);
    let (third, _client) = connect(&shared, "brief", "Brief1Brief").await;
    assert!(third.is_ok());
}
