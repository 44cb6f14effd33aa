import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '1 minute' });

export async function fourActivities(): Promise<void> {
  for (let call = 0; call < 4; call++) await nothing();
}
