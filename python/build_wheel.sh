#!/usr/bin/env bash
# Builds the wheel around a binary: build_wheel.sh BINARY FOLDER. Needs setuptools and wheel, and no network.
set -euo pipefail
binary="$(realpath "$1")"
folder="$(realpath "$2")"
cd "$(dirname "$0")"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp -r pyproject.toml README.md src "$work"
mkdir -p "$work/src/dwh/bin"
install -m 755 "$binary" "$work/src/dwh/bin/dwh"
# The binary is of one platform; the Python around it of none.
platform="$("${PYTHON:-python3}" -c 'import sysconfig; print(sysconfig.get_platform().replace("-", "_").replace(".", "_"))')"
printf '[bdist_wheel]\nplat_name = %s\n' "$platform" > "$work/setup.cfg"
"${PYTHON:-python3}" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --wheel-dir "$folder" "$work"
