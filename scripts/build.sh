#!/usr/bin/env bash
# Builds the Worker into a folder, unless nothing changed since: scripts/build.sh FOLDER [cargo arguments].
# worker-build would download three programs; it is given the ones that `make tools` installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$1
shift

inputs=(src Cargo.toml Cargo.lock rust-toolchain.toml package-lock.json scripts/build.sh .tools/bin/worker-build
  .tools/bin/wasm-bindgen)
for optional in .cargo build.rs; do [ -e "$optional" ] && inputs+=("$optional"); done

changed_since() { # prints the first input that is newer than the file; a folder is newer when a file in it went away
  find "${inputs[@]}" -newer "$1" -print | head -n 1
}

if [ -e "$out/index.js" ] && [ -e "$out/index_bg.wasm" ] && [ -z "$(changed_since "$out/index.js")" ]; then
  echo "   $out is up to date"
  exit
fi

export PATH="$PWD/node_modules/.bin:$PATH"
export WASM_BINDGEN_BIN="$PWD/.tools/bin/wasm-bindgen"
export WASM_OPT_BIN="$PWD/node_modules/.bin/wasm-opt"
export ESBUILD_BIN="$PWD/node_modules/.bin/esbuild"
echo "   compiling into $out (about 1 minute the first time)"
mkdir -p "$out"
touch "$out/.begun"
.tools/bin/worker-build --release --out-dir "$out" "$@"
touch -r "$out/.begun" "$out/index.js" # what is edited during a build counts as newer than it
