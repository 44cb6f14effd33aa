import { shellCommand } from '../../domain/shell-command.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadClientConfig } from '../../config.js';
import { UserError } from '../../user-error.js';
import { confirm, isAskable } from '../confirm.js';
import { warnWithoutWorker, withClient } from '../connect.js';
import { namedSchedule, type NamedSchedule } from './named-schedule.js';
import { print } from '../terminal.js';
import { shown } from '../../printable.js';

/** `titanflow schedule pause NAME`: what runs goes on, nothing more starts. */
export async function pauseSchedule(nameOrFile: string, options: { readonly reason?: string }): Promise<void> {
  await withClient(loadClientConfig(), async (client) => {
    const { name, handle, description } = await namedSchedule(client, nameOrFile);
    if (description.state.paused) {
      print(`${handle.scheduleId} is paused already${noteOf(shown(description.state.note))}`);
      return;
    }
    await handle.pause(options.reason ?? 'paused by titanflow schedule pause');
    print(`${handle.scheduleId} is paused; go on with: ${shellCommand('schedule resume', name)}`);
  });
}

/** `titanflow schedule resume NAME`. */
export async function resumeSchedule(nameOrFile: string): Promise<void> {
  await withClient(loadClientConfig(), async (client) => {
    const { handle, description } = await namedSchedule(client, nameOrFile);
    if (description.state.paused) await handle.unpause('resumed by titanflow schedule resume');
    const [next] = (await handle.describe()).info.nextActionTimes;
    const when = next === undefined ? '' : `; next run ${next.toISOString()}`;
    print(`${handle.scheduleId} ${description.state.paused ? 'goes on' : 'is not paused'}${when}`);
  });
}

/** `titanflow schedule trigger NAME`: starts a run now, beside the times of the schedule. */
export async function triggerSchedule(nameOrFile: string): Promise<void> {
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const named = await namedSchedule(client, nameOrFile);
    const [running] = named.description.info.runningActions;
    if (running !== undefined && named.description.policies.overlap === 'SKIP') {
      const { workflowId } = running.workflow;
      throw new UserError(
        1,
        `${workflowId} still runs, and the schedule skips what overlaps; see: ${shellCommand('watch', workflowId)}`,
      );
    }
    await named.handle.trigger();
    const workflowId = await startedBy(named);
    print(
      workflowId === undefined
        ? `${named.handle.scheduleId} is triggered; it starts when what runs has ended`
        : `${workflowId} started; see: ${shellCommand('watch', workflowId)}`,
    );
    await warnWithoutWorker(client, config.taskQueue);
  });
}

/** `titanflow schedule delete NAME`: what runs goes on. */
export async function deleteSchedule(nameOrFile: string, options: { readonly yes?: boolean }): Promise<void> {
  await withClient(loadClientConfig(), async (client) => {
    const { handle } = await namedSchedule(client, nameOrFile);
    await requireYes(`delete schedule ${handle.scheduleId}?`, options.yes === true);
    await handle.delete();
    print(`${handle.scheduleId} is deleted; what it has started goes on`);
  });
}

/** @throws UserError unless somebody says yes, here or by `--yes` */
export async function requireYes(question: string, isSaid: boolean): Promise<void> {
  if (isSaid) return;
  if (!isAskable()) throw new UserError(2, `${question} There is nobody to ask: say --yes`);
  if (!(await confirm(question))) throw new UserError(1, 'nothing was done');
}

const STARTS_WITHIN_MS = 10_000;

/** A trigger does not say what it has started: the schedule tells a moment later. */
async function startedBy({ handle, description }: NamedSchedule): Promise<string | undefined> {
  const before = description.info.numActionsTaken;
  const until = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < until) {
    const { info } = await handle.describe();
    if (info.numActionsTaken > before) return info.recentActions.at(-1)?.action.workflow.workflowId;
    await sleep(250);
  }
  return undefined;
}

function noteOf(note: string | undefined): string {
  return note ? `: ${note}` : '';
}
