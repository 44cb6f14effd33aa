import type { Lane } from './lanes.js';

/** What a call is for, by its method and its path below `/api/v1`. */
export function laneOf(method: 'GET' | 'POST' | 'DELETE', path: string): Lane {
  const route = path.split('?')[0] ?? '';
  if (method === 'POST' && /^\/executions\/[^/]+\/(pause|resume|stop)$/.test(route)) return 'control';
  // Nobody waits for that.
  if (method === 'DELETE') return 'poll';
  // Tasks are read, listed and created before a run, and their executions after a reply that was lost.
  if (/^\/tasks(\/|$)/.test(route)) return 'submit';
  return route.includes('/results') ? 'export' : 'poll';
}
