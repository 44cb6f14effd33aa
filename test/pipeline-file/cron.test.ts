import { Client, Connection } from '@temporalio/client';
import * as fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { cronFault } from '../../src/pipeline-file/cron.js';

describe('a cron expression', () => {
  it.each([
    '0 * * * *',
    '  */15 9-17/2 1,15 jan,MAR-june mon-fri ',
    '5/10 0 * * su 2027-2030',
    '30 0 6 * * 7 *',
    '0 0 29 2 *',
    '@hourly',
  ])('is good: %s', (expression) => {
    expect(cronFault(expression)).toBeUndefined();
  });

  it.each([
    ['', 'has 0'],
    ['* * * * * * * *', 'has 8'],
    ['60 24 0 13 8', 'minute "60" is not from 0 to 59; hour "24" is not'],
    ['0 0 * ja *', 'month "ja" is not from 1 to 12'],
    ['0 0 L * ?', 'day of month "L" is not from 1 to 31; day of week "?" is not from 0 to 7'],
    ['0 0 * * fri-mon', 'day of week "fri-mon" ends before it begins'],
    ['0 0 1-2-3 * *', 'day of month "1-2-3" is not'],
    ['*/0,*/2/3 * * * *', 'has a step that is not "/" and a number from 1'],
    ['0 0 30,31 2 *', 'never comes'],
    ['0 9 * * 1#2', 'must have no "#"'],
    ['TZ=UTC 0 9 * * 1', 'write it under "timezone"'],
    ['@every 5m', 'write it under "interval"'],
    ['@Daily', 'is no shorthand, did you mean "@daily"?'],
  ])('is not: %s', (expression, fault) => {
    expect(cronFault(expression)).toContain(fault);
  });

  it('is judged as the Temporal server judges it', async () => {
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    const { schedule } = new Client({ connection });
    const create = (id: string, cronExpressions: string[]) =>
      schedule.create({
        scheduleId: `cron-${process.pid}-${id}`,
        spec: { cronExpressions },
        action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
        state: { paused: true },
      });
    const expressions = fc.sample(cronLike, 300);
    const good = expressions.filter((expression) => cronFault(expression) === undefined);
    const bad = expressions.filter((expression) => cronFault(expression)?.startsWith('never') === false);

    expect(good.length).toBeGreaterThan(30);
    expect(bad.length).toBeGreaterThan(30);
    await (await create('good', good)).delete();
    const taken: string[] = [];
    for (const [index, expression] of bad.entries()) {
      const answer = await create(String(index), [expression]).catch((error: unknown) => error);
      // That is how the client reports an invalid argument.
      if (!(answer instanceof TypeError)) taken.push(expression);
    }
    expect(taken).toEqual([]);
    await connection.close();
  });
});

/** Texts that are nearly cron expressions: the numbers and names at the edges of what a field takes. */
const VALUES =
  '0 1 2 5 7 8 12 13 23 24 31 32 59 60 1999 2000 2100 2101 * * * m mo sun Saturd satx ja jan DECEMBER'.split(' ');
const value = fc.constantFrom('', ...VALUES);
const range = fc.oneof(
  { weight: 6, arbitrary: value },
  fc.tuple(value, value).map((ends) => ends.join('-')),
);
const part = fc.oneof(
  { weight: 6, arbitrary: range },
  fc.tuple(range, value).map((step) => step.join('/')),
);
const field = fc.oneof(
  { weight: 6, arbitrary: part },
  fc.tuple(part, part).map((parts) => parts.join(',')),
);
const likely = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('*', '1', '*/2', '1-7/3', '2,3') }, field);
const cronLike = fc.oneof(
  { weight: 12, arbitrary: fc.array(likely, { minLength: 4, maxLength: 8 }).map((fields) => fields.join(' ')) },
  fc.constantFrom('@hourly', '@midnight', '@never', '@annually', '@daily '),
);
