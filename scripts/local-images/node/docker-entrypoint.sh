#!/bin/sh
# As the image `node` of the public registry: options, and files that are no commands, are node's.
set -e
case ${1:-} in
  -*) set -- node "$@" ;;
  *) if [ -z "$(command -v "${1:-}")" ] || { [ -f "$1" ] && [ ! -x "$1" ]; }; then set -- node "$@"; fi ;;
esac
exec "$@"
