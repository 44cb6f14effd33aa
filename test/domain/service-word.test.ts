import { describe, expect, it } from 'vitest';
import { serviceWord } from '../../src/domain/service-word.js';
import { executionSchema, readList, taskSchema } from '../../src/task-service/wire.js';

describe('a word of the service', () => {
  it.each([
    ['COMPLETED', 'completed'],
    [' Running\n', 'running'],
    ['Completed-With-Errors', 'completed_with_errors'],
    ['COMPLETED WITH ERRORS', 'completed_with_errors'],
    ['completedWithErrors', 'completed_with_errors'],
    ['canceled', 'cancelled'],
    ['CANCELED', 'cancelled'],
    ['SCHEDULED', 'scheduled'],
    ['Hibernating', 'Hibernating'],
    ['succeeded', 'succeeded'],
    ['', 'unknown'],
    ['  ', 'unknown'],
  ])('"%s" is compared as "%s"', (text, word) => {
    expect(serviceWord(text)).toBe(word);
  });

  it.each([[null], [undefined], [7], [true], [{ state: 'completed' }], [['completed']]])(
    'is unknown where an execution has the status %j, and the execution is read',
    (status) => {
      const row = { id: 'e1', status, task_id: {}, created_at: [], error_message: 7 };
      expect(readList([row, { id: 'e2', status: 'Queued' }], executionSchema)).toMatchObject([
        { id: 'e1', status: 'unknown' },
        { id: 'e2', status: 'queued' },
      ]);
    },
  );

  it('is one for tasks too, which may leave it out', () => {
    expect(taskSchema.parse({ id: 't', status: 'DELETED', execution_type: 'Scheduled' })).toMatchObject({
      status: 'deleted',
      execution_type: 'scheduled',
    });
    expect(taskSchema.parse({ id: 't' }).status).toBeUndefined();
    expect(taskSchema.parse({ id: 't', status: null, name: 7 })).toMatchObject({ status: null, name: null });
  });
});
