#!/usr/bin/env bash
# Fails, with what to do, when the port is none or something listens on it: before minutes of building, not after.
set -euo pipefail
set -- "${1-}"
if ! [[ $1 =~ ^[0-9]{1,5}$ ]] || ((10#$1 < 1 || 10#$1 > 65535)); then
  printf '\n   port %q is none.\n   -> Give a number from 1 to 65535, for example: make dev PORT=8787\n\n' "$1" >&2
  exit 1
fi
if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
  printf '\n   port %s is in use.\n   -> Stop what holds it (lsof -i :%s shows it), or run: make dev PORT=%s\n\n' \
    "$1" "$1" "$(($1 + 1))" >&2
  exit 1
fi
