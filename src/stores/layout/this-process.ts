import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isErrno } from './file-failure.js';

/** Process ids mean something only within one boot of one machine, and one container. */
export const HOST = [
  hostname(),
  factOfLinux(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  factOfLinux(() => readlinkSync('/proc/self/ns/pid')),
].join(' ');

/** @param pid of a process of the same {@link HOST} */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error) && error.code === 'EPERM';
  }
}

function factOfLinux(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
