import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { EarlierStep } from '../../domain/earlier-run.js';
import type { RunTaskInput } from '../../domain/run.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { chainStart } from '../chain-start.js';
import { whenOver } from '../when-over.js';
import { judgeEnded, resultOf } from './judge-step.js';

/** A child that an earlier run of its parent may have started. */
export interface JoinedChild {
  readonly workflowId: string;
  /** Whether all runs under its id are of one logical run, even after another run of its parent had ended. */
  readonly byKey?: boolean;
}

export interface JoinedStep extends JoinedChild {
  readonly accept?: NonNullable<RunTaskInput['accept']>;
}

/** How a child ended that is no step. */
export type EndedChild = { readonly kind: 'finished'; readonly result: unknown } | { readonly kind: 'failed' };

/** Joins the children of a workflow that was reset, retried by its caller, or started once more under the same id. */
export function createJoining(dependencies: Pick<ActivityDependencies, 'service' | 'owners' | 'staging'>) {
  const { service, owners, staging } = dependencies;
  return {
    /**
     * Waits for the end of a step if it is under way.
     *
     * @returns what can be taken over of it; null: nothing of it was paid for
     */
    joinStep({ accept, ...child }: JoinedStep): Promise<EarlierStep | null> {
      return attempt({ paid: true }, async ({ signal }) => {
        const workflow = await endOf(child, signal);
        if (workflow === undefined) return null;
        const lookAt = (workflowId: string) => whenOver(workflowId, signal);
        return (await judgeEnded(workflow, { service, owners, staging, signal, accept, lookAt })) ?? null;
      });
    },

    /** Waits for the end of a child that runs batches of a step. @returns null if there is none */
    joinChild(child: JoinedChild): Promise<EndedChild | null> {
      return attempt({ paid: true }, async ({ signal }) => {
        const workflow = await endOf(child, signal);
        if (workflow === undefined) return null;
        const isGood = workflow.status.name === 'COMPLETED';
        return isGood ? { kind: 'finished', result: (await resultOf(workflow)) ?? null } : { kind: 'failed' };
      });
    },
  };
}

async function endOf(
  { workflowId, byKey = false }: JoinedChild,
  signal: AbortSignal,
): Promise<WorkflowExecutionDescription | undefined> {
  const last = await whenOver(workflowId, signal);
  if (last === undefined || byKey || last.startTime >= (await chainStart())) return last;
  return undefined;
}
