import { describe, expect, it } from 'vitest';
import { DEFINITION, openEmulator } from './open-emulator.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('tasks', () => {
  it('are created, and returned with all that was sent', async () => {
    const { call } = await openEmulator();
    const created = await call('POST', '/tasks', { ...DEFINITION, proxy_locations: ['CN'], status: 'failed' });
    expect(created.status).toBe(201);
    expect(JSON.parse(created.text)).toEqual({
      success: true,
      data: {
        ...DEFINITION,
        proxy_locations: ['CN'],
        id: expect.stringMatching(UUID),
        status: 'active',
        created_at: expect.stringMatching(RFC_3339),
        updated_at: expect.stringMatching(RFC_3339),
      },
    });
    const read = await call('GET', `/tasks/${(created.data as { id: string }).id}`);
    expect(read.data).toEqual(created.data);
    expect(Date.parse(read.headers.get('date') ?? '')).toBeGreaterThan(0);
  });

  it.each([
    [{ name: undefined }, 'name'],
    [{ name: 7 }, 'name'],
    [{ objective: '' }, 'objective'],
    [{ urls: undefined }, 'urls'],
    [{ urls: 'https://shop.test' }, 'urls'],
    [{ urls: [1] }, 'urls.0'],
    [{ execution_type: 'twice' }, 'execution_type'],
    [{ execution_type: 'scheduled' }, 'schedule'],
    [{ execution_type: 'scheduled', schedule: 'hourly' }, 'schedule'],
    [{ output_schema: [] }, 'output_schema'],
    [{ action_type: 'dance' }, 'action_type'],
    [{ action_type: 'search', execution_plan: {} }, 'execution_plan'],
  ])('are refused with %j, naming %s', async (changes, field) => {
    const { call } = await openEmulator();
    const { status, error } = await call('POST', '/tasks', { ...DEFINITION, ...changes });
    expect(status).toBe(400);
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.message).toMatch(new RegExp(`^${field}: `));
  });

  it.each([
    [{ execution_type: 'scheduled', schedule: '0 * * * *' }],
    [{ action_type: 'search', urls: undefined }],
    [{ execution_plan: { steps: [] }, urls: undefined, output_schema: undefined }],
    [{ template_slug: 'shop', urls: undefined }],
  ])('are taken with %j', async (changes) => {
    const { call } = await openEmulator();
    expect((await call('POST', '/tasks', { ...DEFINITION, ...changes })).status).toBe(201);
  });

  it.each(['', 'no json', '[]', 'null'])('are refused where the body is %j', async (body) => {
    const { call } = await openEmulator();
    const { status, error } = await call('POST', '/tasks', body);
    expect([status, error.code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('are listed newest first, page by page, fifty where nobody says how many and a hundred at most', async () => {
    const { call, task } = await openEmulator({ requestsPerMinute: 0 });
    const ids: string[] = [];
    for (let n = 0; n < 101; n += 1) ids.unshift(await task({ name: `task ${n}` }));
    const listed = async (query: string): Promise<string[]> =>
      ((await call('GET', `/tasks${query}`)).data as { id: string }[]).map(({ id }) => id);
    expect(await listed('')).toEqual(ids.slice(0, 50));
    expect(await listed('?limit=1000')).toEqual(ids.slice(0, 100));
    expect(await listed('?limit=2&offset=3&unknown=1')).toEqual(ids.slice(3, 5));
    expect(await listed('?sort=created_at&limit=1')).toEqual([ids[100]]);
    await call('PATCH', `/tasks/${ids[40]}`, { objective: 'another' });
    expect(await listed('?sort=updated_at:desc&limit=1')).toEqual([ids[40]]);
  });

  it.each(['limit=none', 'limit=0', 'offset=-1', 'sort=price'])('refuse a list with %s', async (query) => {
    const { call } = await openEmulator();
    const { status, error } = await call('GET', `/tasks?${query}`);
    expect(status).toBe(400);
    expect(error.message).toContain(query.split('=')[0]);
  });

  it.each(['PATCH', 'PUT'])('are changed by %s, field by field', async (method) => {
    const { call, task } = await openEmulator();
    const id = await task();
    const changed = await call(method, `/tasks/${id}`, { urls: ['https://other.test/'], status: 'paused', id: 'mine' });
    expect(changed.data).toMatchObject({ id, urls: ['https://other.test/'], status: 'paused', name: DEFINITION.name });
    expect((await call(method, `/tasks/${id}`, { urls: [] })).error.message).toMatch(/^urls: /);
    expect((await call(method, `/tasks/${id}`, { status: 'completed' })).error.message).toMatch(/^status: /);
    expect((await call('GET', `/tasks/${id}`)).data).toEqual(changed.data);
  });

  it('can be read and listed after they are deleted, but not run or changed', async () => {
    const { call, task } = await openEmulator();
    const id = await task();
    expect((await call('DELETE', `/tasks/${id}`)).data).toMatchObject({ id, status: 'deleted' });
    expect((await call('GET', `/tasks/${id}`)).data).toMatchObject({ status: 'deleted' });
    expect((await call('GET', '/tasks?status=active')).data).toEqual([]);
    expect((await call('GET', '/tasks?status=deleted')).data).toMatchObject([{ id }]);
    for (const [method, path] of [
      ['DELETE', ''],
      ['PATCH', ''],
      ['POST', '/run'],
    ] as const) {
      const { status, error } = await call(method, `/tasks/${id}${path}`, {});
      expect([status, error.code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it.each([
    ['GET', '/tasks/none'],
    ['PATCH', '/tasks/none'],
    ['POST', '/tasks/none/run'],
    ['GET', '/tasks/none/executions'],
    ['GET', '/tasks/none/datasets'],
    ['GET', '/templates'],
  ])('%s %s is not found', async (method, path) => {
    const { call } = await openEmulator();
    const { status, error } = await call(method, path, method === 'GET' ? undefined : {});
    expect([status, error.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('are refused at their creation where the scenario says so', async () => {
    const refuse = { status: 422, code: 'UNPROCESSABLE', message: 'not this one' };
    const { call } = await openEmulator({ scenario: { tasks: [{ name: DEFINITION.name, refuse }] } });
    const { status, error } = await call('POST', '/tasks', DEFINITION);
    expect({ status, ...error }).toEqual(refuse);
    expect((await call('GET', '/tasks')).data).toEqual([]);
  });
});
