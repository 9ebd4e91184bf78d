#!/bin/sh
# Answers with the whole environment, a variable a line, as lighttpd handed it over: the shell's own copy would keep only one of
# two variables of one name.
printf 'Content-Type: text/plain\r\n\r\n'
tr '\0' '\n' <"/proc/$$/environ"
