import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RATE_LIMIT } from '../../src/emulator/rate-limit-settings.js';
import { parseScenario } from '../../src/emulator/scenario.js';
import { scriptFor } from '../../src/emulator/script.js';

const SCENARIO = `
seconds: 2
rows: 7
tasks:
  - name: Find shops
    rows: 0
    status: failed
    error: no shop found
  - { name: /^scrape \\d+$/i, seconds: 0.5, badRows: 0.25, status: completed_with_errors }
  - { name: Refused, refuse: { status: 403 } }
`;

describe('a scenario', () => {
  it('of nothing is the default one, in YAML and in JSON', () => {
    const defaults = {
      seconds: 5,
      badRows: 0,
      status: 'completed',
      lists: { shape: 'array', defaultPage: 50, largestPage: 100, parameters: 'honoured', order: 'newest' },
      listLagSeconds: 0,
      timestamps: true,
      hidden: [],
      clockSkewSeconds: 0,
      clock: { dateSeconds: 0, dateFrozen: false, createdSeconds: 0, servers: [0], zone: 'utc', unit: 'iso' },
      strangers: 0,
      olderTasks: 0,
      newerTasks: 0,
      pausedStatus: 409,
      resultsLagSeconds: 0,
      resultsLagStatus: 409,
      tasks: [],
      faults: [],
    };
    expect(parseScenario('', 'empty.yaml')).toEqual(defaults);
    expect(parseScenario('{}', 'empty.json')).toEqual(defaults);
  });

  it('reads the examples in the documentation, of which one is the default', async () => {
    const page = await readFile(new URL('../../docs/emulator.md', import.meta.url), 'utf8');
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const { tasks, faults } = parseScenario(example, 'emulator.md');
    expect(tasks).toHaveLength(3);
    expect(faults.map(({ kind }) => kind)).toEqual(['refuse', 'refuse', 'drop', 'truncate', 'delay']);
    const [, dialects = ''] = /## Dialects.*?```yaml\n(.*?)```/s.exec(page) ?? [];
    const { rateLimit, ...others } = parseScenario(dialects, 'emulator.md');
    expect(others).toEqual(parseScenario('', 'empty.yaml'));
    expect(rateLimit).toEqual(DEFAULT_RATE_LIMIT);
  });

  it('scripts a task by its name, by its name before what titanflow adds, or by a pattern', () => {
    const scenario = parseScenario(SCENARIO, 'shops.yaml');
    const failed = { seconds: 2, rows: 0, badRows: 0, status: 'failed', error: 'no shop found' };
    expect(scriptFor(scenario, 'Find shops')).toEqual(failed);
    expect(scriptFor(scenario, 'Find shops [tf 1f3a9c2e88d0417b]')).toEqual(failed);
    expect(scriptFor(scenario, 'Find shops again')).toEqual({ seconds: 2, rows: 7, badRows: 0, status: 'completed' });
    expect(scriptFor(scenario, 'SCRAPE 12')).toEqual({
      seconds: 0.5,
      rows: 7,
      badRows: 0.25,
      status: 'completed_with_errors',
    });
    expect(scriptFor(scenario, 'Refused')).toMatchObject({ refuse: { status: 403 } });
  });

  it('gives twenty rows to an execution, and none to one that fails, unless told otherwise', () => {
    const scenario = parseScenario('tasks: [{ name: bad, status: failed }]', 'a.yaml');
    expect(scriptFor(scenario, 'good').rows).toBe(20);
    expect(scriptFor(scenario, 'bad').rows).toBe(0);
    expect(scriptFor(parseScenario('{ status: failed, rows: 3 }', 'a.yaml'), 'bad').rows).toBe(3);
  });

  it.each([
    ['secondz: 2', 'bad.yaml: Unrecognized key: "secondz"'],
    ['tasks: [{ name: a, wait: 1 }]', 'bad.yaml: tasks[0]: Unrecognized key: "wait"'],
    ['tasks: [{ name: /(/ }]', 'bad.yaml: tasks[0].name: is not a valid regular expression'],
    ['rows: -1', 'bad.yaml: rows: Too small'],
    ['seconds: [5, 2]', 'bad.yaml: seconds: the least comes before the most'],
    ['tasks: [{ name: a, seconds: [1] }]', 'bad.yaml: tasks[0].seconds: must be a number of seconds, or [least, most]'],
    ['status: paused', 'bad.yaml: status: an execution is paused by a call, not by itself'],
    ['faults: [{ route: POST /task }]', 'bad.yaml: faults[0].route: "POST /task" is no route here'],
    ['faults: [{ route: "*", kind: drop, status: 500 }]', 'bad.yaml: faults[0].status: has no meaning for kind drop'],
    ['faults: [{ route: GET /tasks, kind: truncate }]', 'bad.yaml: faults[0].route: only files can be cut'],
    ['faults: [{ route: "*", kind: hang, body: html }]', 'bad.yaml: faults[0].body: has no meaning for kind hang'],
    ['faults: [{ route: "*", status: 100 }]', 'bad.yaml: faults[0].status: Too small'],
    ['faults: [{ route: "*", megabytes: 1 }]', 'bad.yaml: faults[0].megabytes: has no meaning for kind refuse'],
    ['faults: [{ route: "*", kind: bomb, bytesPerSecond: 1 }]', 'bad.yaml: faults[0].bytesPerSecond: has no meaning'],
    ['tasks: [{ name: a, alwaysFails: 200 }]', 'bad.yaml: tasks[0].alwaysFails: Too small'],
    [
      'tasks: [{ name: a, resultsLagStatus: 404 }]',
      'bad.yaml: tasks[0].resultsLagStatus: must be 400, 409, 410, 422 or 425',
    ],
    ['clock: { servers: [] }', 'bad.yaml: clock.servers: Too small'],
    ['clock: { tick: 1 }', 'bad.yaml: clock: Unrecognized key: "tick"'],
    ['pausedStatus: 404', 'bad.yaml: pausedStatus: must be 400 or 409'],
    ['statusCase: title', 'bad.yaml: statusCase: Invalid option'],
    ['faults: [{ route: "*", kind: explode }]', 'bad.yaml: faults[0].kind: Invalid option'],
    ['lists: { shape: table }', 'bad.yaml: lists.shape: Invalid option'],
    ['lists: { page: 3 }', 'bad.yaml: lists: Unrecognized key: "page"'],
    ['lists: { parameters: { srot: ignored } }', 'bad.yaml: lists.parameters: Unrecognized key: "srot"'],
    ['lists: { parameters: [sort] }', 'bad.yaml: lists.parameters: must be honoured, ignored or refused, or'],
    ['hidden: [created_at, id]', 'bad.yaml: hidden[1]: is always shown'],
    ['rateLimit: { burst: 0 }', 'bad.yaml: rateLimit.burst: Too small'],
    ['rows: 1\nrows: 2', 'bad.yaml:2:1: Map keys must be unique'],
    ['- seconds', 'bad.yaml: Invalid input: expected object'],
  ])('refuses %j and says where', (text, message) => {
    expect(() => parseScenario(text, 'bad.yaml')).toThrow(message);
  });

  it('names every problem at once', () => {
    expect(() => parseScenario('{ seconds: no, rows: 1.5 }', 'two.yaml')).toThrow(
      /two\.yaml: seconds.*\ntwo\.yaml: rows/,
    );
  });
});
