import { loadClientConfig } from '../config.js';
import { UserError } from '../user-error.js';
import { warnWithoutWorker, withClient } from './connect.js';
import { followToTheEnd } from './follow-to-the-end.js';
import { findHeld, releaseHeld } from './held-run.js';
import { publishersOf } from './publishers-of.js';
import { say } from './terminal.js';

/** `titanflow release ID`: publishes what a gate held, and follows that to its end. */
export async function release(id: string, options: { readonly json?: boolean }): Promise<void> {
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const found = await Promise.all((await publishersOf(client, id)).map((each) => findHeld(client, each)));
    const held = found.filter((each) => each.isHeld);
    if (held.length === 0) throw new UserError(2, found.flatMap((each) => (each.isHeld ? [] : [each.why])).join('\n'));
    const workflows: string[] = [];
    for (const each of held) {
      const workflowId = await releaseHeld(client, config.taskQueue, each);
      say(`${workflowId} released`);
      workflows.push(workflowId);
    }
    await warnWithoutWorker(client, config.taskQueue);
    let worst = 0;
    for (const workflowId of workflows) {
      worst = Math.max(worst, await followToTheEnd(client, workflowId, options.json === true));
    }
    process.exitCode = worst;
  });
}
