#!/bin/sh
# As the image `redis` of the public registry: options or a configuration file alone are redis-server's,
# and the server runs as user redis.
set -e
case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  # Debian's server answers other machines only where a password is set; the registry's image is built to answer all.
  case " $* " in
    *" --protected-mode "*) ;;
    *)
      if [ -f "${2:-}" ] && grep -q '^[[:space:]]*protected-mode' "$2"; then :; else set -- "$@" --protected-mode no; fi
      ;;
  esac
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis:redis {} +
    exec setpriv --reuid redis --regid redis --clear-groups "$@"
  fi
fi
exec "$@"
