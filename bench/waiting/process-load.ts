import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessLoad {
  /** Share of one core. */
  readonly cpu: number;
  /** Megabytes in memory at the end. */
  readonly megabytes: number;
}

/** What the kernel says about a process while some seconds pass (Linux). */
export async function loadOf(pid: number, seconds: number): Promise<ProcessLoad> {
  const before = await cpuSeconds(pid);
  await sleep(seconds * 1000);
  const cpu = ((await cpuSeconds(pid)) - before) / seconds;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { cpu, megabytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024 };
}

const TICKS_PER_SECOND = 100;

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
