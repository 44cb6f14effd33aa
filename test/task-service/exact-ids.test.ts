import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withExactIds } from '../../src/task-service/exact-ids.js';
import { serviceThat } from './service-that.js';

const ID = '9007199254740993123';

describe('an id that the service sends as a number', () => {
  it('keeps every digit, in one object and in lists', async () => {
    const execution = `{"id":${ID},"status":"running","task_id": ${ID}7,"note":"\\"id\\":${ID}"}`;
    const service = await serviceThat((request, response) => {
      const isOne = /executions\/\d+$/.test(request.url ?? '') || request.method === 'POST';
      response.end(`{"success":true,"data":${isOne ? execution : `{"items":[${execution}]}`}}`);
    });

    for (const read of [
      await service.executions.get(ID),
      ...(await service.executions.list({})),
      ...(await service.executions.ofTask(`${ID}7`, {})),
    ]) {
      expect(read).toMatchObject({ id: ID, task_id: `${ID}7`, note: `"id":${ID}` });
    }
  });

  it.each([
    [`{"id":${ID}}`, `{"id":"${ID}"}`],
    [`{"executionId" :\n-${ID} }`, `{"executionId" :\n"-${ID}" }`],
    [`{"maximum":${ID},"paid":${ID}}`, `{"maximum":${ID},"paid":${ID}}`],
    [`{"id":${ID}.5,"task_id":${ID}e2}`, `{"id":${ID}.5,"task_id":${ID}e2}`],
    [`{"text":"{\\"id\\":${ID}}","id":12}`, `{"text":"{\\"id\\":${ID}}","id":12}`],
    ['no JSON "id": 1234567890123456789', 'no JSON "id": "1234567890123456789"'],
  ])('is the only thing that changes in %s', (json, exact) => {
    expect(withExactIds(json)).toBe(exact);
  });

  it('leaves every other answer as it is', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(withExactIds(json)).toBe(json);
      }),
    );
  });
});
