import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.io.File;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Starts and steers titanflow's workflows from Java. */
public final class Titanflow {
  private static final String USAGE =
      """
      usage: run-task     WORKFLOW_ID INPUT.json
             run-pipeline WORKFLOW_ID PIPELINE.json
             progress|pause|resume|cancel WORKFLOW_ID""";

  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws IOException {
    System.exit(args.length < 2 ? usage() : run(args[0], args[1], args));
  }

  private static int run(String command, String id, String[] args) throws IOException {
    // TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and so on, or a profile; else localhost:7233.
    var profile = ClientConfigProfile.load();
    var service = WorkflowServiceStubs.newServiceStubs(profile.toWorkflowServiceStubsOptions());
    var client = WorkflowClient.newInstance(service, profile.toWorkflowClientOptions());
    var workflow = client.newUntypedWorkflowStub(id);
    switch (command) {
      case "run-task":
        return await(start(client, "runTask", id, JSON.readTree(new File(args[2]))), id);
      case "run-pipeline":
        var input = Map.of("pipeline", JSON.readTree(new File(args[2])));
        return await(start(client, "runPipeline", id, input), id);
      case "progress":
        System.out.println(workflow.query("progress", JsonNode.class).toPrettyString());
        return 0;
      case "pause":
      case "resume":
        workflow.update(command, Void.class); // returns when the remote executions have been told
        return 0;
      case "cancel":
        workflow.cancel();
        return 0;
      default:
        return usage();
    }
  }

  /** The same id never pays twice: where it was there before, running or over, this is a stub of that one. */
  private static WorkflowStub start(WorkflowClient client, String type, String id, Object input) {
    var taskQueue = Optional.ofNullable(System.getenv("TITANFLOW_TASK_QUEUE")).orElse("titanflow");
    var options =
        WorkflowOptions.newBuilder()
            .setWorkflowId(id)
            .setTaskQueue(taskQueue)
            .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
            .build();
    var workflow = client.newUntypedWorkflowStub(type, options);
    try {
      workflow.start(input);
      return workflow;
    } catch (WorkflowExecutionAlreadyStarted existed) {
      System.err.println(id + " was there before: waiting for its result");
      return client.newUntypedWorkflowStub(id);
    }
  }

  private static int await(WorkflowStub workflow, String id) {
    try {
      System.out.println(workflow.getResult(JsonNode.class).toPrettyString());
      return 0;
    } catch (WorkflowFailedException error) {
      if (error.getCause() instanceof ApplicationFailure failure) {
        System.err.println(failure.getType() + ": " + failure.getOriginalMessage());
        // What was paid for: taskId, executionId, export, published, as far as it came.
        System.err.println(failure.getDetails().get(0, JsonNode.class).toPrettyString());
      } else {
        System.err.println(id + ": " + error.getCause()); // cancelled or terminated
      }
      return 1;
    }
  }

  private static int usage() {
    System.err.println(USAGE);
    return 2;
  }
}
