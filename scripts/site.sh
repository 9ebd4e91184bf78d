#!/usr/bin/env bash
# Builds the documentation as a static site, unless nothing changed since: for any host at any path, and for the gateway at /.edgeward/docs/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=build/www/.edgeward/docs
sources=build/www-docs.inputs # not among the files that are served

# Every file that the last build read, and the folders in which a document may have been added.
inputs=(www/docs www/playground/style/tokens.css www/playground/icon.svg docs package-lock.json scripts/site.sh)
if [ -e "$out/index.html" ] && [ -e "$sources" ]; then
  # A file that was removed makes `find` fail: then it is built anew. No path has a space.
  # shellcheck disable=SC2046
  if changed=$(find "${inputs[@]}" $(cat "$sources") -newer "$sources" -print -quit 2> /dev/null) && [ -z "$changed" ]; then
    echo "   $out is up to date"
    exit
  fi
fi

rm -rf "$out" "$sources"
mkdir -p "$out"
begun=$(mktemp)
trap 'rm -f "$begun"' EXIT
node_modules/.bin/node node_modules/@11ty/eleventy/cmd.cjs --config=www/docs/eleventy.config.js --quiet
cp www/playground/icon.svg "$out/"
touch -r "$begun" "$sources" # what is edited during a build counts as newer than it
echo "   $out: $(find "$out" -name '*.html' | wc -l) pages"
