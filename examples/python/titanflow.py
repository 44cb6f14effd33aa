"""Starts and steers titanflow's workflows from Python.

usage: titanflow.py run-task     WORKFLOW_ID INPUT.json
       titanflow.py run-pipeline WORKFLOW_ID PIPELINE.json
       titanflow.py progress|pause|resume|cancel WORKFLOW_ID
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, TemporalError, WorkflowAlreadyStartedError

TASK_QUEUE = os.environ.get("TITANFLOW_TASK_QUEUE", "titanflow")


async def connect() -> Client:
    """TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and so on, or a profile; else localhost:7233."""
    config = ClientConfig.load_client_connect_config()
    return await Client.connect(**{"target_host": "localhost:7233", **config})


async def start(client: Client, workflow: str, workflow_id: str, given: Any) -> WorkflowHandle:
    """The same id never pays twice: where it was there before, running or over, this is a handle on that one."""
    try:
        return await client.start_workflow(
            workflow,
            given,
            id=workflow_id,
            task_queue=TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        print(f"{workflow_id} was there before: waiting for its result", file=sys.stderr)
        return client.get_workflow_handle(workflow_id)


async def wait(handle: WorkflowHandle) -> int:
    try:
        show(await handle.result())
        return 0
    except WorkflowFailureError as error:
        failure = error.cause
        if not isinstance(failure, ApplicationError):
            print(f"{handle.id}: {failure}", file=sys.stderr)  # cancelled or terminated
            return 1
        print(f"{failure.type}: {failure.message}", file=sys.stderr)
        # What was paid for: taskId, executionId, export, published, as far as it came.
        print(json.dumps(failure.details[0], indent=2), file=sys.stderr)
        return 1


async def main(command: str, workflow_id: str, file: str = "") -> int:
    client = await connect()
    handle = client.get_workflow_handle(workflow_id)
    match command:
        case "run-task":
            return await wait(await start(client, "runTask", workflow_id, read(file)))
        case "run-pipeline":
            return await wait(await start(client, "runPipeline", workflow_id, {"pipeline": read(file)}))
        case "progress":
            show(await handle.query("progress"))
        case "pause" | "resume":
            await handle.execute_update(command)  # returns when the remote executions have been told
        case "cancel":
            await handle.cancel()
        case _:
            sys.exit(__doc__)
    return 0


def read(file: str) -> Any:
    return json.loads(Path(file).read_text(encoding="utf-8"))


def show(value: Any) -> None:
    print(json.dumps(value, indent=2))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        code = asyncio.run(main(*sys.argv[1:4]))
    except (RuntimeError, TemporalError) as error:  # no server, no such workflow
        print(error, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    # A program that ends right after a call can crash, as the SDK's threads may still hold the interpreter that is torn
    # down. A service, which lives on, ends as usual.
    os._exit(code)
