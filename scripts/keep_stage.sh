#!/usr/bin/env bash
# Builds the Worker into a folder, unless nothing changed since: scripts/build.sh FOLDER [cargo arguments].
# KEEP_NAMES=1 leaves the functions' names in the wasm, for a profile. DEVELOPMENT=1 is satisfied with a build that is larger and slower
# and takes about half the time, and installs the npm packages meanwhile. Without it, such a build counts as none.
#
# cargo makes the wasm, wasm-bindgen its JavaScript, wasm-opt makes it small, esbuild joins the JavaScript with src/edge/*.js.
# worker-build does the same, but puts a class and two proxies between the platform and every request.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$1
shift

inputs=(src Cargo.toml Cargo.lock rust-toolchain.toml package-lock.json scripts/build.sh scripts/remap.sh .tools/bin/wasm-bindgen)
for optional in .cargo build.rs; do [ -e "$optional" ] && inputs+=("$optional"); done

changed_since() { # prints the first input that is newer than the file; a folder is newer when a file in it went away
  find "${inputs[@]}" -newer "$1" -print -quit
}

if [ -n "${DEVELOPMENT:-}" ]; then
  scripts/tools.sh npm &
  npm=$!
elif [ -e "$out/.development" ]; then
  rm -f "$out/index.js"
fi
installed() { [ -z "${npm:-}" ] || wait "$npm"; }

if [ -e "$out/index.js" ] && [ -e "$out/index_bg.wasm" ] && [ -z "$(changed_since "$out/index.js")" ]; then
  installed
  echo "   $out is up to date"
  exit
fi

echo "   compiling into $out (about 1 minute the first time)"
mkdir -p "$out"
stage=$out/.stage
rm -rf "$stage"
mkdir "$stage"
touch "$stage/begun"

. scripts/remap.sh

# Compiles one module: NAME, wasm-bindgen's target, cargo arguments. NAME.js is its JavaScript, NAME_bg.wasm the wasm.
compile() {
  local name=$1 target=$2
  shift 2
  cargo build --quiet --release --lib --target wasm32-unknown-unknown "$@"
  .tools/bin/wasm-bindgen --target "$target" --no-typescript --out-name "$name" --out-dir "$stage" --remove-producers-section \
    --experimental-reset-state-function $names "${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/release/edgeward.wasm"
  # Workers know `import`, and give the module itself. wasm-bindgen names bridge.js once for each function that needs no conversion:
  # once is enough, and wrangler warns of every other.
  sed 's/^import source /import /' "$stage/$name.js" | awk '!(/^ *"\.\/[a-z_]+\.js": import[0-9]+,$/ && seen[$1]++)' >"$stage/once.js"
  mv "$stage/once.js" "$stage/$name.js"
  if [ -n "${DEVELOPMENT:-}" ]; then
    mv "$stage/${name}_bg.wasm" "$out/"
    return
  fi
  # The features that rustc enables for this target, and no others: workerd's V8 has them all.
  node_modules/.bin/wasm-opt -O3 ${KEEP_NAMES:+--debuginfo} --enable-mutable-globals --enable-sign-ext --enable-nontrapping-float-to-int \
    --enable-bulk-memory --enable-multivalue --enable-reference-types "$stage/${name}_bg.wasm" -o "$stage/small.wasm"
  mv "$stage/small.wasm" "$out/${name}_bg.wasm"
}
names=$([ -n "${KEEP_NAMES:-}" ] || echo --remove-name-section)
if [ -n "${DEVELOPMENT:-}" ]; then
  export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0
  touch "$out/.development"
else
  export CARGO_PROFILE_RELEASE_LTO=true
fi
compile index module "$@"
# It rarely runs, and waits for storage and the network when it does: its size matters more than its speed.
[ -n "${DEVELOPMENT:-}" ] || export CARGO_PROFILE_RELEASE_OPT_LEVEL=z
compile authority web --no-default-features --features authority
cp src/edge/*.js src/authority/*.js "$stage/"
installed
bundle() {
  node_modules/.bin/esbuild "$stage/$1" --bundle --minify --format=esm --external:./index_bg.wasm --external:./authority_bg.wasm \
    --external:cloudflare:workers --log-level=warning --outfile="$2"
}
bundle worker.js "$stage/bundle.js"  # the gate, and the classes of its objects
bundle entry.js "$out/gate.js"       # the gate alone
bundle objects.js "$out/objects.js"  # the classes alone, for a Worker of their own
bundle accept.js "$out/accept.js"    # for the gate of the npm package
touch -r "$stage/begun" "$stage/bundle.js" # what is edited during a build counts as newer than it
mv "$stage/bundle.js" "$out/index.js"
[ -n "${DEVELOPMENT:-}" ] || rm -f "$out/.development"
