#!/usr/bin/env bash
# Brings this machine to where the project builds and tests, installing into the project folder (.tools, node_modules)
# only. Says what it does before it takes time; does nothing, in well under a second, where nothing is missing.
# `tools.sh rust` leaves out the npm packages, and `tools.sh npm` installs nothing else.
# `tools.sh tests` installs what only the tests need, the Python packages of their Django server; `tools.sh examples` those of
# examples/django; `tools.sh browser` finds or installs a Chromium for the tests in a browser.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '   %s\n' "$*"; }
fail() { printf '\n   %s\n   -> %s\n\n' "$1" "$2" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

require_programs() {
  has cargo || fail "cargo is missing." "Install Rust from https://rustup.rs, open a new shell, and run make again."
  has node || fail "node is missing." "Install Node.js 20 or later from https://nodejs.org and run make again."
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "node is too old: expected 20 or later, got $(node --version)." \
    "Install Node.js 20 or later from https://nodejs.org and run make again."
  has npm || fail "npm is missing." "Install npm (it comes with the packages from https://nodejs.org) and run make again."
  has cc || fail "no C compiler: cc is missing." \
    "Install one (Debian, Ubuntu: apt-get install build-essential; macOS: xcode-select --install) and run make again."
}

require_rust() {
  local channel sysroot
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
  if has rustup; then
    case $(rustup toolchain list) in
      *"$channel-"*) ;;
      *) say "Rust $channel: rustup fetches it (about 1 minute, once)"
        rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy ||
          fail "rustup did not install Rust $channel." "Run: rustup toolchain install $channel" ;;
    esac
  fi
  sysroot=$(rustc --print sysroot) || fail "rustc does not start." "Run: rustup toolchain install $channel"
  [ -d "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib" ] && return
  has rustup || fail "This Rust has no wasm32-unknown-unknown target." "Install Rust from https://rustup.rs and run make again."
  say "Rust target wasm32-unknown-unknown: rustup fetches it (seconds, once)"
  rustup target add wasm32-unknown-unknown ||
    fail "rustup did not add the target." "Run: rustup target add wasm32-unknown-unknown"
}

require_node_modules() {
  local stamp=node_modules/.installed-lock.json
  if ! cmp -s package-lock.json "$stamp"; then
    rm -f "$stamp"
    say "npm packages: wrangler, workerd and what the tests need (about 1 minute, once)"
    npm ci --no-audit --no-fund --loglevel=error ||
      fail "npm did not install the packages (its message is above)." \
        "Check that this machine reaches the npm registry, and run make again."
  fi
  # The package `node` brings the Node.js that wrangler demands, whatever the machine's own is.
  if ! node_modules/.bin/node -e 0 2>/dev/null || ! node_modules/.bin/workerd --version >/dev/null 2>&1; then
    fail "npm installed packages without running their install scripts, or without those of this platform." \
      "Run: npm rebuild node workerd esbuild, and make again."
  fi
  cp package-lock.json "$stamp"
}

# The version of crate $1 that Cargo.lock holds: the tools must be of the same.
locked() { awk -v name="name = \"$1\"" '$0 == name { getline; gsub(/"/, "", $3); print $3; exit }' Cargo.lock; }

# Where the project of wasm-bindgen publishes binaries; a mirror may stand in its place.
releases=${WASM_BINDGEN_RELEASES:-https://github.com/wasm-bindgen/wasm-bindgen/releases/download}

# Downloads the binary of wasm-bindgen-cli $1 with its checksum; fails quietly where there is none for this machine, or no way to it.
download_wasm_bindgen() {
  local version=$1 triple name folder
  case "$(uname -s) $(uname -m)" in
    'Linux x86_64') triple=x86_64-unknown-linux-musl ;;
    'Linux aarch64') triple=aarch64-unknown-linux-gnu ;;
    'Darwin x86_64') triple=x86_64-apple-darwin ;;
    'Darwin arm64') triple=aarch64-apple-darwin ;;
    *) return 1 ;;
  esac
  has curl && has tar || return 1
  name=wasm-bindgen-$version-$triple
  folder=.tools/download
  rm -rf "$folder"
  mkdir -p "$folder" .tools/bin
  get() { curl -fsSL --connect-timeout 5 --max-time 120 -o "$folder/$1" "$releases/$version/$1" 2>/dev/null; }
  get "$name.tar.gz.sha256sum" && get "$name.tar.gz" && checks "$folder" "$name.tar.gz.sha256sum" &&
    tar -xzf "$folder/$name.tar.gz" -C "$folder" && "$folder/$name/wasm-bindgen" --version 2>/dev/null | grep -qF " $version" &&
    mv "$folder/$name/wasm-bindgen" .tools/bin/
  local status=$?
  rm -rf "$folder"
  return "$status"
}

checks() { # folder, file of checksums in it
  if has sha256sum; then (cd "$1" && sha256sum --check --status "$2"); else (cd "$1" && shasum -a 256 --check --status "$2"); fi
}

require_wasm_bindgen() { # version
  case " $(.tools/bin/wasm-bindgen --version 2>/dev/null || true) " in *" $1 "*) return ;; esac
  say "wasm-bindgen-cli $1: downloading it into .tools (seconds, once)"
  download_wasm_bindgen "$1" && return
  say "there is no way to the binary from here: it is compiled instead"
  require_cargo_tool wasm-bindgen-cli wasm-bindgen "$1" "2 minutes"
}

require_cargo_tool() { # crate, program, version, time
  local crate=$1 program=.tools/bin/$2 version=$3 time=$4
  case " $("$program" --version 2>/dev/null || true) " in *" $version "*) return ;; esac
  say "$crate $version: cargo compiles it into .tools (about $time, once)"
  CARGO_TARGET_DIR=.tools/build CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install --debug --locked --force --root .tools "$crate@$version" ||
    fail "cargo did not install $crate $version (its message is above)." \
      "Check that this machine reaches the crate registry and has 2 GB of free disk, and run make again."
}

require_python() {
  local venv=.tools/venv requirements=tests/servers/django/requirements.txt
  cmp -s "$requirements" "$venv/.installed-requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null && return
  has python3 || fail "python3 is missing: the tests run against a Django server." \
    "Install Python 3.10 or later (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python) and run make again."
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "python3 is too old: expected 3.10 or later, got $(python3 -c 'import platform; print(platform.python_version())')." \
      "Install Python 3.10 or later (Debian, Ubuntu: apt-get install python3; macOS: brew install python) and run make again."
  # Debian has `venv` without the part that it needs unless python3-venv is installed.
  python3 -c 'import venv, ensurepip' 2>/dev/null || fail "python3 has no working venv module." \
    "Install it (Debian, Ubuntu: apt-get install python3-venv) and run make again."
  say "Python packages: Django, REST framework, SimpleJWT, knox for the tests, into .tools/venv (about 20 seconds, once)"
  python3 -m venv --clear "$venv" || fail "python3 did not make a virtual environment in $venv (its message is above)." \
    "Remove $venv, and run make again."
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$requirements" ||
    fail "pip did not install the packages (its message is above)." \
      "Check that this machine reaches the Python package index, and run make again."
  cp "$requirements" "$venv/.installed-requirements.txt"
}

# Packages that differ from those of the virtual environment, a folder each. Without them their tests are skipped.
require_python_beside() { # NAME
  local folder=.tools/python-$1 requirements=tests/servers/django/requirements-$1.txt
  cmp -s "$requirements" "$folder/.installed-requirements.txt" && return
  say "Python package: $1, into $folder (about 10 seconds, once)"
  rm -rf "$folder"
  if .tools/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target "$folder" -r "$requirements"; then
    cp "$requirements" "$folder/.installed-requirements.txt"
  else
    rm -rf "$folder"
    say "pip did not install $1 (its message is above): its tests are skipped"
  fi
}

# What examples/django runs and checks, with its package edgeward-django as it stands in the folder.
require_python_examples() {
  local venv=.tools/venv-examples requirements=examples/django/requirements.txt
  cmp -s "$requirements" "$venv/.installed-requirements.txt" && "$venv/bin/python" -c 'import edgeward_django' 2>/dev/null && return
  has python3 || fail "python3 is missing: the example is a Django application." \
    "Install Python 3.10 or later (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python) and run it again."
  say "Python packages: Django, REST framework, SimpleJWT, PyJWT, and what checks them, into $venv (about 40 seconds, once)"
  python3 -m venv --clear "$venv" || fail "python3 did not make a virtual environment in $venv (its message is above)." \
    "Install Python's venv module (Debian, Ubuntu: apt-get install python3-venv), remove $venv, and run it again."
  { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$requirements" &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
      --editable examples/django/edgeward_django; } ||
    fail "pip did not install the packages (its message is above)." \
      "Check that this machine reaches the Python package index, and run it again."
  cp "$requirements" "$venv/.installed-requirements.txt"
}

if [ "${1:-}" = tests ]; then
  require_python
  require_python_beside simplejwt-5.4
  require_python_beside dj-rest-auth
  require_python_beside wc-django-jwt
  say "all that the tests need is there"
  exit
fi

if [ "${1:-}" = examples ]; then
  require_python_examples
  say "all that the examples need is there"
  exit
fi

if [ "${1:-}" = browser ]; then
  exec node_modules/.bin/node scripts/browser.mjs
fi

require_programs
if [ "${1:-}" = npm ]; then
  require_node_modules
  exit
fi
require_rust
require_wasm_bindgen "$(locked wasm-bindgen)"
[ "${1:-}" = rust ] || require_node_modules
say "all tools are there"
