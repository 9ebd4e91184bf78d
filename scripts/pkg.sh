#!/usr/bin/env bash
# Builds what of the npm package is built, pkg/dist/, unless nothing changed since: scripts/pkg.sh [FOLDER [cargo features]].
#
# One wasm serves browsers, Node and workerd, with WebCrypto in the place of software RSA and elliptic curves. The Worker is the one
# that scripts/build.sh makes; scripts/www.sh makes the playground.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${1:-pkg/dist}
features=${2:-js}

if [ "$features" = js ]; then
  mkdir -p "$out/worker" pkg/migrations pkg/demo
  # The playground of `make dev` needs no Worker, and a package must not get one that is not optimized.
  if [ -z "${DEVELOPMENT:-}" ]; then
    scripts/build.sh build
    cp -p build/{index,gate,accept,objects}.js build/{index,authority}_bg.wasm "$out/worker/"
  fi
  cp migrations/*.sql pkg/migrations/
  cp demo/{issuer,keyring,origin}.js demo/{issuer,origin}.toml pkg/demo/
  cp LICENSE pkg/
  cp LICENSE pkg-create/
fi

inputs=(src Cargo.toml Cargo.lock rust-toolchain.toml package-lock.json scripts/pkg.sh scripts/remap.sh .tools/bin/wasm-bindgen)
changed=$([ ! -e "$out/edgeward.js" ] || find "${inputs[@]}" -newer "$out/edgeward.js" -print -quit)
if [ -e "$out/edgeward.js" ] && [ -z "$changed" ]; then
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

# Compiles one module into $stage: NAME, cargo features. NAME.js is its JavaScript, NAME.wasm the wasm, as small as can be, where the
# Worker is as fast: it is downloaded by every page that uses it.
compile() {
  CARGO_PROFILE_RELEASE_LTO=true CARGO_PROFILE_RELEASE_OPT_LEVEL=z cargo build --quiet --release --lib \
    --target wasm32-unknown-unknown --no-default-features --features "$2"
  .tools/bin/wasm-bindgen --target web --no-typescript --omit-default-module-path --out-name "$1" --out-dir "$stage" \
    --remove-producers-section --remove-name-section "${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/release/edgeward.wasm"
  node_modules/.bin/wasm-opt -Oz --enable-mutable-globals --enable-sign-ext --enable-nontrapping-float-to-int \
    --enable-bulk-memory --enable-multivalue --enable-reference-types "$stage/$1_bg.wasm" -o "$stage/$1.wasm"
}
if [ "$features" = js ]; then
  compile cli cli
  mv "$stage/cli.js" "$stage/cli.wasm" "$out/"
fi
compile edgeward "$features"
mv "$stage/edgeward.wasm" "$out/edgeward.wasm"
touch -r "$stage/begun" "$stage/edgeward.js" # what is edited during a build counts as newer than it
mv "$stage/edgeward.js" "$out/edgeward.js"
rm -rf "$stage"
