import { Connection } from '@temporalio/client';
import { expect, inject, it } from 'vitest';

it('the server that all tests share knows the search attributes', async () => {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  await connection.close();
  const ours = ['TitanPipeline', 'TitanTaskId', 'TitanExecutionId', 'TitanStatus', 'TitanRows'];
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(ours));
});
