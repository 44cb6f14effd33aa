#!/bin/sh
# Makes Temporal's two databases and brings their schemas up to date; changes nothing where that was done before.
# Runs in temporalio/admin-tools; SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD say where the server is.
set -eu

for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  schema=postgresql/v12/${pair##*:}
  export SQL_DATABASE="$database"
  temporal-sql-tool --plugin postgres12 create-database
  temporal-sql-tool --plugin postgres12 setup-schema --version 0.0
  temporal-sql-tool --plugin postgres12 update-schema --schema-name "$schema"
done
