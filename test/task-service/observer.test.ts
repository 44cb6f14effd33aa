import { afterEach, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { createBudget } from '../../src/task-service/budget/budget.js';
import type { Observer } from '../../src/task-service/observer.js';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import { createWatcher, type Watcher } from '../../src/task-service/watcher/watcher.js';
import { endedAt, executionSchema, type Execution } from '../../src/task-service/wire.js';
import { PRODUCT_TASK } from '../helpers/workplace.js';

/** Everything that was told, in its order. */
interface Notes {
  readonly turns: [lane: string, waitedMs: number][];
  readonly requests: [lane: string, status: number | undefined][];
  readonly polls: string[];
  readonly delays: (number | undefined)[];
}

function takeNotes(): { readonly notes: Notes; readonly observer: Observer } {
  const notes: Notes = { turns: [], requests: [], polls: [], delays: [] };
  const observer: Observer = {
    onTurn: (...turn) => notes.turns.push(turn),
    onRequest: (...request) => notes.requests.push(request),
    onPoll: (kind) => notes.polls.push(kind),
    onEnded: ({ delayMs }) => notes.delays.push(delayMs),
  };
  return { notes, observer };
}

interface Place {
  readonly notes: Notes;
  readonly emulator: Emulator;
  readonly service: TaskService;
  readonly watcher: Watcher;
  start(): Promise<string>;
  watch(executionId: string, signal?: AbortSignal): Promise<Execution>;
}

const emulators: Emulator[] = [];

afterEach(async () => {
  await Promise.all(emulators.splice(0).map(async (emulator) => emulator.close()));
});

async function open(scenario: Scenario, limit = 0): Promise<Place> {
  const emulator = await startEmulator({ requestsPerMinute: 0, scenario });
  emulators.push(emulator);
  const { notes, observer } = takeNotes();
  const service = createTaskService({ url: emulator.url, token: 't', budget: createBudget({ limit }), observer });
  const watcher = createWatcher({ service, hasBetterToDo: () => false, observer });
  const task = await service.tasks.create(PRODUCT_TASK);
  return {
    notes,
    emulator,
    service,
    watcher,
    start: async () => (await service.tasks.run(task.id)).id,
    watch: (executionId, signal = new AbortController().signal) =>
      watcher.watch({
        executionId,
        signal,
        until: () => false,
        onLook: () => undefined,
        onTrouble: () => undefined,
      }),
  };
}

describe('an observer', () => {
  it('is told of every request: its lane, and how it was answered', async () => {
    const { notes, emulator, service, start } = await open({ seconds: 60 });
    const id = await start();
    await service.executions.stop(id);
    emulator.setScenario({ faults: [{ route: 'GET /executions', kind: 'drop', count: 1 }] });
    await expect(service.executions.list({})).rejects.toThrow('GET /api/v1/executions');
    await expect(service.tasks.get('nowhere')).rejects.toThrow('404');
    expect(notes.requests).toEqual([
      ['submit', 201],
      ['submit', 201],
      ['control', 200],
      ['poll', undefined],
      ['submit', 404],
    ]);
    expect(notes.turns.map(([lane]) => lane)).toEqual(notes.requests.map(([lane]) => lane));
  });

  it('is told how long a request waited for its turn, and of no wait that was given up', async () => {
    const { notes, service } = await open({}, 60);
    const tired = new AbortController();
    const patient = service.executions.list({});
    const given = service.executions.list({}, tired.signal);
    tired.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await patient;
    await service.executions.list({});
    expect(notes.turns.map(([lane]) => lane)).toEqual(['submit', 'poll', 'poll']);
    expect(notes.turns[0]?.[1]).toBeLessThan(100);
    expect(notes.turns[1]?.[1]).toBeGreaterThan(500);
    expect(notes.requests).toHaveLength(3);
  });

  it('is told of the run whose turn was taken beforehand', async () => {
    const { notes, service } = await open({});
    const task = await service.tasks.create(PRODUCT_TASK);
    const told = await service.tasks.turnToRun(new AbortController().signal);
    await service.tasks.run(task.id, undefined, told);
    expect(notes.turns).toHaveLength(3);
    expect(notes.requests).toHaveLength(3);
  });

  it('is told of polls as the service sees them, and of ends with their delay', async () => {
    const { notes, emulator, start, watch } = await open({ seconds: 1 });
    await watch(await start());
    expect(notes.polls.length).toBe(emulator.ledger().counts['GET /executions/:id']);
    const ids = [await start(), await start(), await start(), await start()];
    await Promise.all(ids.map((id) => watch(id)));
    const { counts } = emulator.ledger();
    expect(notes.polls.filter((kind) => kind === 'list')).toHaveLength(counts['GET /executions'] ?? 0);
    expect(notes.polls.filter((kind) => kind === 'single')).toHaveLength(counts['GET /executions/:id'] ?? 0);
    expect(notes.delays).toHaveLength(5);
    for (const delayMs of notes.delays) {
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan(5_000);
    }
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    [null, '2026-01-01T00:00:00.000Z'],
    [{ seconds: 1 }, '2026-01-01T00:00:00.000Z'],
  ])('takes the last change for the end where finished_at says nothing: %j', (finishedAt, end) => {
    const answer = { id: 'e', status: 'completed', updated_at: '2026-01-01T00:00:00Z', finished_at: finishedAt };
    expect(endedAt(executionSchema.parse(answer))).toBe(end);
  });

  it('measures the delay from the end, also where somebody begins to wait only later', async () => {
    const { notes, service, start, watch } = await open({ seconds: 0 });
    const id = await start();
    await service.executions.get(id);
    await new Promise((done) => setTimeout(done, 2_500));
    await watch(id);
    // Two and a half seconds, and the first look; the clock is known to a second.
    expect(notes.delays[0]).toBeGreaterThan(2_000);
    expect(notes.delays[0]).toBeLessThan(7_000);
  });
});
