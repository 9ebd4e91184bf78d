#!/usr/bin/env bash
# Runs each fuzz target for a bounded time, one after the other: scripts/fuzz.sh SECONDS. Ends at the first finding.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=$1
PATH="$PWD/.tools/bin:$PATH"

if ! command -v cargo-fuzz >/dev/null; then
  printf '   cargo-fuzz is missing.\n   -> Run: cargo install --locked --root .tools cargo-fuzz (some minutes), and make fuzz again.\n' >&2
  exit 1
fi

# The crate forbids unsafe code, so the memory sanitizers find nothing that a panic does not show: without them the
# pinned toolchain is enough (RUSTC_BOOTSTRAP) and inputs run faster.
export RUSTC_BOOTSTRAP=1
for target in $(cargo fuzz list --fuzz-dir tests/fuzz); do
  echo "   $target: $seconds seconds"
  # New inputs go to the first folder; the second, the committed corpus, is only read.
  grown="tests/fuzz/target/corpus/$target"
  mkdir -p "$grown"
  cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none "$target" "$grown" "tests/fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1
done
