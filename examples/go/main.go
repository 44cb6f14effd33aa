// Starts and steers titanflow's workflows from Go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/temporal"
)

const usage = `usage: titanflow run-task     WORKFLOW_ID INPUT.json
       titanflow run-pipeline WORKFLOW_ID PIPELINE.json
       titanflow progress|pause|resume|cancel WORKFLOW_ID`

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal(usage)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		log.Fatal(describe(err))
	}
}

func run(ctx context.Context, command, id string, files []string) error {
	// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and so on, or a profile; else localhost:7233.
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return err
	}
	options.Logger = quiet{}
	c, err := client.Dial(options)
	if err != nil {
		return err
	}
	defer c.Close()

	switch command {
	case "run-task":
		input, err := read(files)
		if err != nil {
			return err
		}
		return startAndWait(ctx, c, "runTask", id, input)
	case "run-pipeline":
		pipeline, err := read(files)
		if err != nil {
			return err
		}
		return startAndWait(ctx, c, "runPipeline", id, map[string]any{"pipeline": pipeline})
	case "progress":
		answer, err := c.QueryWorkflow(ctx, id, "", "progress")
		if err != nil {
			return err
		}
		return show(answer.Get)
	case "pause", "resume":
		// Completed: the remote executions have been told.
		update, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateName: command, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err != nil {
			return err
		}
		return update.Get(ctx, nil)
	case "cancel":
		return c.CancelWorkflow(ctx, id, "")
	}
	return errors.New(usage)
}

// The same id never pays twice: where it was there before, running or over, this waits for that one.
func startAndWait(ctx context.Context, c client.Client, workflow, id string, input any) error {
	started, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       id,
		TaskQueue:                                taskQueue(),
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, workflow, input)
	if existed := new(serviceerror.WorkflowExecutionAlreadyStarted); errors.As(err, &existed) {
		log.Printf("%s was there before: waiting for its result", id)
		started = c.GetWorkflow(ctx, id, "")
	} else if err != nil {
		return err
	}
	return show(func(result any) error { return started.Get(ctx, result) })
}

func describe(err error) string {
	var failure *temporal.ApplicationError
	if !errors.As(err, &failure) {
		return err.Error() // cancelled, terminated, not reached
	}
	// What was paid for: taskId, executionId, export, published, as far as it came.
	var details json.RawMessage
	if failure.Details(&details) != nil {
		return failure.Error()
	}
	return fmt.Sprintf("%s: %s\n%s", failure.Type(), failure.Message(), details)
}

func show(get func(any) error) error {
	var result json.RawMessage
	if err := get(&result); err != nil {
		return err
	}
	fmt.Println(string(result))
	return nil
}

func read(files []string) (json.RawMessage, error) {
	if len(files) == 0 {
		return nil, errors.New(usage)
	}
	return os.ReadFile(files[0])
}

func taskQueue() string {
	if name := os.Getenv("TITANFLOW_TASK_QUEUE"); name != "" {
		return name
	}
	return "titanflow"
}

// quiet keeps the SDK's own log lines out of the answer.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
