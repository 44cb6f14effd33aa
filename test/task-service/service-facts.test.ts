import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/activities/failures.js';
import { markdownTable } from '../../src/domain/markdown-table.js';
import { outcomeOfFailedRun } from '../../src/task-service/run-outcome.js';
import { SERVICE_FACTS, serviceFact, type RouteGroup, type ServiceFact } from '../../src/task-service/service-facts.js';
import { TaskServiceError, type TaskServiceFacts } from '../../src/task-service/task-service-error.js';

const CALLS: Readonly<Record<RouteGroup, readonly (readonly [method: string, path: string])[]>> = {
  run: [['POST', '/api/v1/tasks/t1/run']],
  create: [['POST', '/api/v1/tasks']],
  task: [
    ['GET', '/api/v1/tasks/t1'],
    ['DELETE', '/api/v1/tasks/t1'],
  ],
  list: [
    ['GET', '/api/v1/tasks'],
    ['GET', '/api/v1/executions'],
    ['GET', '/api/v1/tasks/t1/executions'],
  ],
  execution: [['GET', '/api/v1/executions/e1']],
  stop: [['POST', '/api/v1/executions/e1/stop']],
  control: [
    ['POST', '/api/v1/executions/e1/pause'],
    ['POST', '/api/v1/executions/e1/resume'],
  ],
  results: [
    ['GET', '/api/v1/executions/e1/results'],
    ['GET', '/api/v1/executions/e1/results/export'],
    ['GET', '/api/v1/executions/e1/results/download'],
  ],
};

type Answer = Omit<TaskServiceFacts, 'method' | 'path'>;

const own = (status: number): Answer => ({ status, isEnvelope: true, mayHaveTakenEffect: false });
const foreign = (status: number): Answer => ({ status, isEnvelope: false, mayHaveTakenEffect: true });

/** Every kind of answer there is, by the row's words for it. */
function answersOf({ answer, routes }: ServiceFact): readonly Answer[] {
  switch (answer) {
    case 'never sent':
      return [{ mayHaveTakenEffect: false }];
    case '429 with an execution':
      return [own(429), foreign(429)].map((one) => ({ ...one, executionId: 'e9' }));
    case 'redirect to another host':
      return [foreign(302), { mayHaveTakenEffect: true }].map((one) => ({ ...one, isElsewhere: true }));
    case 'own 429 with a time to wait':
      return [{ ...own(429), retryAfterMs: 30_000 }];
    case 'own 4xx':
      return [405, 406, 413, 415, 451].map(own);
    case 'anything else': {
      const none: Answer = { mayHaveTakenEffect: true };
      const gateway = [200, 204, 303, 307, 308, 400, 404, 409, 410, 422, 425, 429, 500, 502, 503, 504].map(foreign);
      const credentials = routes.includes('run') ? [foreign(401), foreign(403)] : [];
      const itself = [200, 408, 429, 500, 503].map((status) => ({ ...own(status), mayHaveTakenEffect: true }));
      return [none, ...gateway, ...credentials, ...itself];
    }
    default: {
      const [word = '', ...rest] = answer.split(/,? /);
      const isOwn = word === 'own';
      const statuses = (isOwn ? rest : [word, ...rest]).map(Number);
      return statuses.flatMap((status) => (isOwn ? [own(status)] : [own(status), foreign(status)]));
    }
  }
}

const CELLS = SERVICE_FACTS.map(({ routes, answer, paid, meaning, worth, failure, cure }) => [
  routes.join(', '),
  answer,
  paid,
  meaning,
  worth,
  `\`${failure}\``,
  cure,
]);

describe('the table of facts', () => {
  it('stands in the documentation as it is in the code', async () => {
    const page = await readFile(new URL('../../docs/failures.md', import.meta.url), 'utf8');
    const head = ['call', 'answer', 'paid', 'meaning', 'asked again for', 'failure', 'cure'];
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    const table = markdownTable(head, CELLS).split('\n');
    const from = rows.indexOf(table[0] ?? '');
    expect(rows.slice(from, from + table.length)).toEqual(table);
  });

  it.each(
    SERVICE_FACTS.map(
      (row, index) => [`${index + 1}. ${row.routes.join(', ')}: ${row.answer}, ${row.paid}`, row] as const,
    ),
  )('%s', (_, row) => {
    for (const route of row.routes) {
      for (const [method, path] of CALLS[route]) {
        for (const answer of answersOf(row)) {
          for (const paid of row.paid === 'any' ? [true, false] : [row.paid === 'yes']) {
            const error = new TaskServiceError({ method, path, ...answer }, 'told why');
            expect(serviceFact(error, paid), `${error.message}, paid: ${paid}`).toEqual(row);
            expectFailure(row, error, paid);
            if (route === 'run') expectOutcome(row, error);
          }
        }
      }
    }
  });
});

function expectOutcome({ meaning }: ServiceFact, error: TaskServiceError): void {
  const outcome = meaning === 'accepted' ? { kind: meaning, executionId: 'e9' } : { kind: meaning };
  expect(outcomeOfFailedRun(error)).toEqual(outcome);
}

const MINUTE_MS = 60_000;

/** First it is judged at the first look, then when the time is nearly over, then when it is. */
function expectFailure({ worth, failure, cure }: ServiceFact, error: TaskServiceError, paid: boolean): void {
  const limits = { nothing: 0, '15 minutes': 15, resultsWithin: 40, giveUpAfter: Infinity } as const;
  const limitMs = limits[worth] * MINUTE_MS;
  const judge = (attempt: number, triedForMs: number) =>
    failureOf(error, { paid, attempt, triedForMs, resultsWithinMs: 40 * MINUTE_MS });
  const isFinalAtOnce = worth === 'nothing';
  // However late the first look is, it is not the last one.
  for (const triedForMs of [0, 10 * 60 * MINUTE_MS]) {
    expect(judge(1, triedForMs)).toMatchObject({ type: failure, nonRetryable: isFinalAtOnce });
  }
  const later = limitMs === Infinity ? 100 * 60 * MINUTE_MS : limitMs - 1;
  if (!isFinalAtOnce) expect(judge(50, later)).toMatchObject({ type: failure, nonRetryable: false });
  if (limitMs === Infinity) return;
  const end = judge(50, limitMs);
  expect(end).toMatchObject({ type: failure, nonRetryable: true, stack: '' });
  expect(end.message).toContain('told why');
  expect(end.message).toContain(cure.split('{')[0]);
}
