#!/usr/bin/env bash
# Builds the Worker again, from a copy of the source in another folder, and fails if the bytes differ: scripts/reproducible.sh [archives].
# With `archives` both npm packages are built and packed in each folder, and the archives compared.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -c --exclude=pkg/dist --exclude=pkg/www src demo migrations www pkg pkg-create Cargo.toml Cargo.lock LICENSE rust-toolchain.toml package.json \
  package-lock.json scripts bench/native.rs | tar -x -C "$copy"
ln -s "$PWD/node_modules" "$copy/node_modules"
ln -s "$PWD/.tools" "$copy/.tools"

same() { # FILES: each as it is here and there
  for file in "$@"; do
    cmp "$file" "$copy/$file" || { echo "   $file differs from the one that was built in another folder"; exit 1; }
  done
}

if [ "${1:-}" = archives ]; then
  scripts/pkg.sh
  scripts/www.sh pkg/www/.edgeward/playground
  (cd "$copy" && CARGO_TARGET_DIR=$copy/target scripts/pkg.sh && CARGO_TARGET_DIR=$copy/target scripts/www.sh pkg/www/.edgeward/playground)
  for root in "$PWD" "$copy"; do (cd "$root" && node_modules/.bin/node scripts/release.mjs pack build-release > /dev/null); done
  same build-release/SHA256SUMS
  cat build-release/SHA256SUMS
else
  CARGO_TARGET_DIR=$copy/target "$copy/scripts/build.sh" build
  same build/{index_bg.wasm,authority_bg.wasm,index.js,gate.js,objects.js}
fi
echo '   the same bytes from two folders'
