#!/bin/sh
# Starts and steers titanflow's workflows with the Temporal CLI, which reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE itself.
set -eu

usage() {
  cat >&2 <<'END'
usage: titanflow.sh run-task     WORKFLOW_ID INPUT.json
       titanflow.sh run-pipeline WORKFLOW_ID PIPELINE.json
       titanflow.sh progress|pause|resume|cancel WORKFLOW_ID
END
  exit 2
}

# Prints the result as JSON; of a run that did not end well, type, message and details, and ends with exit code 1.
run() {
  # The same id never pays twice: a second start is refused, whether the first still runs or is over.
  temporal workflow start --type "$1" --workflow-id "$2" --input "$3" \
    --task-queue "${TITANFLOW_TASK_QUEUE:-titanflow}" \
    --id-reuse-policy RejectDuplicate --fail-existing >&2 ||
    temporal workflow describe --workflow-id "$2" >/dev/null ||
    exit 3
  temporal workflow result --workflow-id "$2" --output json
}

[ $# -ge 2 ] || usage
case "$1" in
  run-task) run runTask "$2" "$(cat "$3")" ;;
  run-pipeline) run runPipeline "$2" "{\"pipeline\": $(cat "$3")}" ;;
  progress) temporal workflow query --workflow-id "$2" --name progress --output json ;;
  # Both return when the remote executions have been told.
  pause | resume) temporal workflow update execute --workflow-id "$2" --name "$1" --output json ;;
  cancel) temporal workflow cancel --workflow-id "$2" ;;
  *) usage ;;
esac
