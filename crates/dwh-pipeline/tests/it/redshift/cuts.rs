//! The network fails at random moments, and nothing is loaded twice or in part.

use super::cluster::{BUCKET, Cluster, number, run_on, small_pipeline};

const CUTS: usize = 50;
const ROWS_OF_OBJECT: u64 = 3;

/// Numbers that are the same in every run (Marsaglia's xorshift).
struct Random(u32);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % limit
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_cuts_at_random_moments_load_nothing_twice_or_in_part() {
    let cluster = Cluster::start().await;
    let job = small_pipeline();
    let patient = cluster.warehouse(7);
    let mut random = Random(2018);
    let mut objects = 0;
    let mut put = || {
        let lines =
            (0..ROWS_OF_OBJECT).map(|row| format!("{{\"id\": {}}}\n", objects * ROWS_OF_OBJECT + row));
        cluster.s3.put(BUCKET, &format!("events/{objects}.json"), lines.collect::<String>());
        objects += 1;
        objects
    };
    put();
    run_on(&job, &patient).await.expect("the first run makes the tables");
    put();
    let before = cluster.proxy.carried();
    run_on(&job, &cluster.warehouse(1)).await.expect("a run as those to come");
    let bytes_of_run = u32::try_from(cluster.proxy.carried() - before).expect("a few thousand");

    for cut in 0..2 * CUTS {
        if cluster.proxy.cuts() == CUTS {
            break;
        }
        let objects = put();
        // Anywhere between the first byte of the login and the last of the run.
        cluster.proxy.cut_after(random.below(bytes_of_run));
        if cut % 2 == 0 {
            // Goes on by itself.
            let warehouse = cluster.warehouse(7);
            run_on(&job, &warehouse).await.unwrap_or_else(|error| panic!("cut {cut}: {error}"));
        } else {
            // Gives up; all is as before or as after, and the next run brings it to its end.
            let outcome = run_on(&job, &cluster.warehouse(1)).await;
            cluster.proxy.heal();
            let rows = number(&patient, "SELECT COUNT(*) FROM staging").await;
            let expected = [objects - 1, objects].map(|objects| objects * ROWS_OF_OBJECT);
            assert!(expected.contains(&rows), "cut {cut}: {rows} rows of {expected:?} after {outcome:?}");
            assert!(outcome.is_err() || rows == expected[1], "cut {cut}: told done and is not");
            assert_eq!(number(&patient, "SELECT COUNT(*) FROM facts").await, rows, "cut {cut}");
            assert_eq!(
                number(&patient, "SELECT SUM(rows_loaded) FROM dwh_loads").await,
                rows,
                "cut {cut}: the ledger and the tables tell the same"
            );
            run_on(&job, &patient).await.unwrap_or_else(|error| panic!("after cut {cut}: {error}"));
        }
        cluster.proxy.heal();
        let rows = objects * ROWS_OF_OBJECT;
        for sql in [
            "SELECT COUNT(*) FROM staging",
            "SELECT COUNT(DISTINCT id) FROM staging",
            "SELECT COUNT(*) FROM facts",
            "SELECT COUNT(DISTINCT id) FROM facts",
            "SELECT SUM(rows_loaded) FROM dwh_loads",
        ] {
            assert_eq!(number(&patient, sql).await, rows, "{sql} after cut {cut}");
        }
    }
    assert_eq!(cluster.proxy.cuts(), CUTS);
}
