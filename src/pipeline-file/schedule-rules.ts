import { closestMatch } from 'leven';
import { cronFault } from './cron.js';
import { readDuration } from './duration.js';
import { quote } from './nearest.js';
import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

/** What an editor is told of the same. */
export const SCHEDULE_FORMS = { anyOf: [{ required: ['cron'] }, { required: ['interval'] }] };

/** A schedule that the Temporal server would take. */
export function scheduleRule(schedule: unknown): readonly Finding[] {
  if (!isObject(schedule)) return [];
  const { cron, interval, timezone } = objectOf(schedule);
  const findings: Finding[] = [];
  if (cron === undefined && interval === undefined) {
    findings.push({ path: [], message: 'needs "cron" or "interval": when it starts' });
  }
  if (typeof interval === 'string' && (readDuration(interval) ?? 1_000) < 1_000) {
    findings.push({ path: ['interval'], message: '"interval" must be a second or more' });
  }
  if (timezone !== undefined && cron === undefined) {
    findings.push({ path: [], key: 'timezone', message: '"timezone" goes with "cron" only: an interval has none' });
  }
  return [...findings, ...cronFindings(cron), ...timezoneFindings(timezone)];
}

function cronFindings(cron: unknown): readonly Finding[] {
  if (Array.isArray(cron)) return cron.flatMap((expression, index) => cronFinding(expression, ['cron', index]));
  return cronFinding(cron, ['cron']);
}

function cronFinding(expression: unknown, path: Finding['path']): readonly Finding[] {
  const fault = typeof expression === 'string' && expression !== '' ? cronFault(expression) : undefined;
  return fault === undefined ? [] : [{ path, message: `cron ${quote(String(expression))} ${fault}` }];
}

function timezoneFindings(timezone: unknown): readonly Finding[] {
  if (typeof timezone !== 'string' || timezone === '' || isTimezone(timezone)) return [];
  const near = closestMatch(
    timezone.toLowerCase(),
    ZONES.map((zone) => zone.toLowerCase()),
    { maxDistance: 2 },
  );
  const meant = ZONES.find((zone) => zone.toLowerCase() === near);
  const cure = meant === undefined ? ', write it as "Europe/Berlin" or "UTC"' : `, did you mean ${quote(meant)}?`;
  return [{ path: ['timezone'], message: `there is no time zone ${quote(timezone)}${cure}` }];
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** `Intl` also takes offsets and any case; the server, which looks for a file of that name, takes neither. */
function isTimezone(name: string): boolean {
  if (!/^[A-Z][\w+-]*(?:\/[A-Z][\w+-]*)*$/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
