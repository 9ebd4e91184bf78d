#!/usr/bin/env bash
# Fails, with what to do, when something listens on the port: before minutes of building, not after.
set -euo pipefail
if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
  printf '\n   port %s is in use.\n   -> Stop what holds it (lsof -i :%s shows it), or run: make dev PORT=%s\n\n' \
    "$1" "$1" "$(($1 + 1))" >&2
  exit 1
fi
