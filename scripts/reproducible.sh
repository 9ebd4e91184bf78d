#!/usr/bin/env bash
# Builds and packs both npm packages, the Worker in them, here and from a copy of the source in another folder, and fails if the archives
# differ: scripts/reproducible.sh
#
# Both are built at once: the linker, which takes most of the time, uses one core.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -c --exclude=pkg/dist --exclude=pkg/demo --exclude=pkg/migrations --exclude=pkg/www src demo migrations www pkg pkg-create Cargo.toml Cargo.lock \
  LICENSE rust-toolchain.toml package.json package-lock.json scripts bench/native.rs | tar -x -C "$copy"
ln -s "$PWD/node_modules" "$copy/node_modules"
ln -s "$PWD/.tools" "$copy/.tools"

archives() { # FOLDER: builds and packs in it
  cd "$1"
  scripts/pkg.sh
  scripts/www.sh pkg/www/.edgeward/playground
  node_modules/.bin/node scripts/release.mjs pack build-release
}
(archives "$PWD") &
here=$!
(export CARGO_TARGET_DIR=$copy/target && archives "$copy" | sed 's/^/   (elsewhere)/') &
there=$!
status=0
wait "$here" || status=$?
wait "$there" || status=$?
[ "$status" = 0 ] || exit "$status"
for root in "$PWD" "$copy"; do
  for archive in "$root"/build-release/*.tgz; do
    into=$copy/unpacked/$([ "$root" = "$PWD" ] && echo here || echo there)/$(basename "$archive")
    mkdir -p "$into"
    tar -xzf "$archive" -C "$into"
  done
done
diff -rq "$copy/unpacked/here" "$copy/unpacked/there" || { echo '   these files differ between the two folders'; exit 1; }
cmp build-release/SHA256SUMS "$copy/build-release/SHA256SUMS" || { echo '   the same files are packed in two ways'; exit 1; }
echo '   the same archives from two folders'
