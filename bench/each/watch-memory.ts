import { readFileSync } from 'node:fs';

export interface MemoryWatch {
  /** Resident megabytes, about twenty of them from the beginning to the end. */
  samples(): readonly number[];
  stop(): void;
}

export function watchMemory(pid: number): MemoryWatch {
  const all: number[] = [];
  const timer = setInterval(() => {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(statusOf(pid)) ?? [];
    if (kilobytes !== undefined) all.push(Math.round(Number(kilobytes) / 1024));
  }, 1_000);
  return {
    samples: () => all.filter((_, index) => index % Math.ceil(all.length / 20) === 0),
    stop: () => clearInterval(timer),
  };
}

/** It may be gone in this moment. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
