#!/bin/sh
# The most memory that a COPY takes as its input grows: it must stay flat with the bytes, and grow with
# the number of objects only by what the load report says of each.
set -eu
cd "$(dirname "$0")/.."
profile="--profile=${1:-release}"
for arguments in "objects 1000" "objects 100000" "objects 1000000" "megabytes 30" "megabytes 300" "megabytes 3000"; do
    # shellcheck disable=SC2086
    cargo run --quiet "$profile" -p dwh-copy --example load_memory -- $arguments
done
