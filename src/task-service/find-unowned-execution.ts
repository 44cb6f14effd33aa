import type { TaskService } from './task-service.js';
import { TaskServiceError } from './task-service-error.js';
import { createdAt, type Execution } from './wire.js';

export interface Search {
  readonly taskId: string;
  /** Executions created before that are none of ours, RFC 3339. */
  readonly since: string;
  /** Whether a workflow owns an execution: those are not ours either. */
  readonly isOwned: (executionId: string) => Promise<boolean>;
  readonly signal?: AbortSignal;
}

export type Sighting =
  | { readonly kind: 'found'; readonly executionId: string }
  | { readonly kind: 'none' }
  /** The service does not tell enough to decide. */
  | { readonly kind: 'undecidable'; readonly reason: string };

/** Clocks of service and workers may differ by that much. */
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * Looks for the execution that a lost reply may have left behind: one of this task, made since then, that nobody owns.
 * Of several one is taken at random: the oldest would make every searcher fight for the same one.
 */
export async function findUnownedExecution(service: TaskService, search: Search): Promise<Sighting> {
  const executions = await listTolerantly(service, search);
  if (executions === undefined) {
    return { kind: 'undecidable', reason: `the service does not list the executions of task ${search.taskId}` };
  }
  const since = Date.parse(search.since) - CLOCK_TOLERANCE_MS;
  const undated: string[] = [];
  const candidates: string[] = [];
  for (const execution of executions) {
    const created = createdAt(execution);
    if (created !== undefined && Date.parse(created) < since) continue;
    if (await search.isOwned(execution.id)) continue;
    (created === undefined ? undated : candidates).push(execution.id);
  }
  const [chosen] = shuffled(candidates);
  if (chosen !== undefined) return { kind: 'found', executionId: chosen };
  if (undated.length === 0) return { kind: 'none' };
  return {
    kind: 'undecidable',
    reason: `nobody owns ${undated.join(', ')}, and the service does not say how old they are`,
  };
}

async function listTolerantly(service: TaskService, search: Search): Promise<Execution[] | undefined> {
  try {
    return await service.executions.ofTask(search.taskId, { limit: 100 }, search.signal);
  } catch (error) {
    if (!(error instanceof TaskServiceError)) throw error;
    // The route's parameters are not documented: one that is refused is left out.
    if (error.status === 400) return service.executions.ofTask(search.taskId, {}, search.signal);
    if (error.status === 404 || error.status === 501) return undefined;
    throw error;
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
