#!/bin/sh
# At the first start of the database: its owner, who migrates it, and a login per service with no rights but its role's.
set -eu
secrets="${SECRETS:-/run/secrets}"

password_of() {
    sed -n 's|^postgresql://[^:]*:\([^@]*\)@.*|\1|p' "$secrets/$1"
}

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set owner="$(password_of database-owner)" \
    --set gateway="$(password_of database-gateway)" \
    --set cabinet="$(password_of database-cabinet)" \
    --set worker="$(password_of database-worker)" <<'SQL'
-- The roles are made here, so that nobody but the administrator can give them to anyone.
create role crmap_gateway nologin;
create role crmap_worker nologin;
create role crmap_cabinet nologin;
create role crmap_operator nologin;

-- A migration asks for the roles once more, and only who may make roles may ask.
create role crmap login createrole password :'owner' in role crmap_gateway, crmap_worker, crmap_cabinet, crmap_operator;
create role gateway login password :'gateway' in role crmap_gateway;
create role cabinet login password :'cabinet' in role crmap_cabinet;
create role sync_worker login password :'worker' in role crmap_worker;

create database crmap owner crmap;
revoke all on database crmap from public;
grant connect on database crmap to gateway, cabinet, sync_worker;
SQL
