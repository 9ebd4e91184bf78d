# Read by scripts/build.sh and scripts/pkg.sh: sets CARGO_ENCODED_RUSTFLAGS.
#
# Panics name the file that they are in: without the folders of this machine, so that the same source gives the same bytes anywhere.
cargo fetch --quiet --locked --target wasm32-unknown-unknown # the folders of dependencies have to be there
cargo_home=${CARGO_HOME:-$HOME/.cargo}
mappings=("$PWD=/edgeward" "$(rustc --print sysroot)=/rust" "$cargo_home=/cargo")
for registry in "$cargo_home"/registry/src/*; do mappings+=("$registry=/crates"); done
# The encoded form, with a byte between flags that no path has: in RUSTFLAGS a folder with a space would be two flags.
flags=$(tr -s ' ' '\037' <<<"${RUSTFLAGS:-}")
for mapping in "${mappings[@]}"; do flags+=$'\037'"--remap-path-prefix=$mapping"; done
flags=${flags#$'\037'}
export CARGO_ENCODED_RUSTFLAGS=$flags
