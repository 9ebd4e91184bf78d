#!/usr/bin/env bash
# Builds the gate again, from a copy of the source in another folder, and fails if the bytes differ: scripts/reproducible.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -c src Cargo.toml Cargo.lock rust-toolchain.toml package.json package-lock.json scripts bench/native.rs | tar -x -C "$copy"
ln -s "$PWD/node_modules" "$copy/node_modules"
ln -s "$PWD/.tools" "$copy/.tools"
CARGO_TARGET_DIR=$copy/target "$copy/scripts/build.sh" build
for file in index_bg.wasm authority_bg.wasm index.js gate.js objects.js; do
  cmp "build/$file" "$copy/build/$file" || { echo "   build/$file differs from the one that was built in another folder"; exit 1; }
done
echo '   the same bytes from two folders'
