#!/bin/sh
# A thousand loads from an S3 server that fails at random: each is complete, every row once, or it
# fails and says why. Takes some minutes; the short form runs with `cargo test`.
set -eu
cd "$(dirname "$0")/.."
exec cargo test -p dwh-copy --test it -- --ignored a_thousand_loads_from_a_failing_store
