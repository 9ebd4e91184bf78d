#!/usr/bin/env bash
# Builds the playground, static files for any host at any path, unless nothing changed since: scripts/www.sh [FOLDER].
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# At the path under which the gateway serves them, so that no file can stand in the place of a path of the API.
out=${1:-build/www/.edgeward/playground}

scripts/pkg.sh

inputs=(www/playground pkg/api.js pkg/error.js pkg/key_set.js pkg/dist/edgeward.js pkg/dist/edgeward.wasm package-lock.json scripts/www.sh)
changed=$([ ! -e "$out/index.html" ] || find "${inputs[@]}" -newer "$out/index.html" -print -quit)
if [ -e "$out/index.html" ] && [ -z "$changed" ]; then
  echo "   $out is up to date"
  exit
fi

rm -rf "$out"
mkdir -p "$out"
touch "$out/.begun"
# The editor is a chunk of its own: it is loaded when somebody goes into the configuration. Its name has a hash of the paths in it, which must
# not depend on where node_modules really is.
node_modules/.bin/esbuild main=www/playground/main.js main=www/playground/style/main.css \
  fetch=www/playground/fetch.js fetch=www/playground/style/fetch.css \
  --bundle --splitting --minify --format=esm --preserve-symlinks --target=es2022,chrome123,firefox120,safari17.5 --log-level=warning \
  --entry-names='[name]' --chunk-names='[name]-[hash]' --outdir="$out"
cp www/playground/fetch.html www/playground/icon.svg pkg/dist/edgeward.wasm "$out/"
cp www/playground/index.html "$out/"
touch -r "$out/.begun" "$out/index.html" # what is edited during a build counts as newer than it
rm "$out/.begun"
