#!/bin/sh
# Makes the namespace and registers titanflow's search attributes; changes nothing where that was done before.
# Runs in temporalio/admin-tools; TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where.
set -eu

# Tries a command every two seconds, for two minutes.
insist() {
  tries=1
  until output=$("$@" 2>&1); do
    if [ "$tries" -ge 60 ]; then
      echo "$output" >&2
      exit 1
    fi
    tries=$((tries + 1))
    sleep 2
  done
}

insist temporal operator cluster health
if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
fi
# A new namespace is known everywhere only after some seconds.
insist temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE"

# Naming an attribute that is there already is no error.
temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
  --name TitanPipeline --type Keyword \
  --name TitanTaskId --type Keyword \
  --name TitanExecutionId --type Keyword \
  --name TitanStatus --type Keyword \
  --name TitanRows --type Int
