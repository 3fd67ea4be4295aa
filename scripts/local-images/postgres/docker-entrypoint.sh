#!/usr/bin/env bash
# As the image `postgres` of the public registry: at the first start a cluster is made for POSTGRES_USER, POSTGRES_PASSWORD,
# POSTGRES_DB, POSTGRES_INITDB_ARGS and POSTGRES_HOST_AUTH_METHOD (each also as …_FILE), and what lies in
# /docker-entrypoint-initdb.d is run; the server then starts as user postgres with the arguments of the container.
set -euo pipefail

from_file() {
  local name=$1 file="$1_FILE"
  if [ -n "${!file:-}" ]; then
    export "$name=$(<"${!file}")"
  fi
  unset "$file"
}

sql() {
  psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --quiet --username "$POSTGRES_USER" "$@"
}

make_cluster() {
  # Unquoted: the variable holds several arguments.
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
}

make_database() {
  [ "$POSTGRES_DB" = postgres ] && return
  # A single-user server is up and down again in a tenth of the time that a whole one takes.
  printf 'CREATE DATABASE "%s"\n' "${POSTGRES_DB//\"/\"\"}" | postgres --single -D "$PGDATA" -c fsync=off postgres >/dev/null
}

run_scripts() {
  compgen -G '/docker-entrypoint-initdb.d/*' >/dev/null || return 0
  # Over its socket only: whoever waits for the port must not meet the server that is about to stop.
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w -s start
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) sql --dbname "$POSTGRES_DB" --file "$file" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w -s stop
}

case ${1:-} in
  -*) set -- postgres "$@" ;;
esac

if [ "$1" = postgres ] && [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  find "$PGDATA" ! -user postgres -exec chown postgres:postgres {} +
  HOME=/var/lib/postgresql exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

if [ "$1" = postgres ]; then
  for name in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB POSTGRES_INITDB_ARGS; do
    from_file "$name"
  done
  export POSTGRES_USER=${POSTGRES_USER:-postgres}
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
      echo 'Error: no POSTGRES_PASSWORD: set one, or POSTGRES_HOST_AUTH_METHOD=trust' >&2
      exit 1
    fi
    make_cluster
    make_database
    run_scripts
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
  fi
fi
exec "$@"
