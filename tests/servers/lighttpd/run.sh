#!/bin/sh
# run.sh LIGHTTPD CONFIGURATION: lighttpd in the foreground, until whoever started it lets go of this script's stdin.
exec 3<&0
"$1" -D -f "$2" 3<&- &
server=$!
{ cat; kill "$server"; } <&3 >/dev/null 2>&1 &
wait "$server"
