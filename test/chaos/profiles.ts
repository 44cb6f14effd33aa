/** Kinds of trouble, each of which can be switched on and off. */
export const PROFILES = {
  network: 'answers of every route that are lost, late, broken or refused',
  answers: 'redirects, pages of a gateway and false successes in answer to a run that was or was not started',
  ingress: 'pages of an ingress in answer to reads, for a while',
  'not-ready': 'exports that are refused for a while after the end',
  strangers: "other tasks' executions in every list",
  odd: 'executions without a status or a readable time, out of lists, or failing for ever',
  capitals: 'statuses and ids in capitals',
  clocks: 'clocks of the service that differ, stand still, or write times otherwise',
  'reset-header': 'resets of the rate limit in milliseconds or in the year 2099',
  crowd: "hundreds of other people's newer tasks",
  'paused-tasks': 'tasks that a person pauses for a while',
  'long-texts': 'messages of 900 kB, with credentials in them',
  bombs: 'answers that are small on the wire and huge when they are unpacked',
  patterns: 'schemas and records on which a backtracking matcher hangs',
  trickle: 'exports that come in drops',
  locks: 'tables that another session holds',
  pipelines: 'pipelines with a forEach and a pipeline in them',
  retries: "a caller's retry policy with a timeout of each run",
  resets: 'resets to a completed workflow task, at any moment',
  cancels: 'cancelled runs',
  terminations: 'terminated runs',
  pauses: 'runs that are paused for a while',
  kills: 'kill -9 of workers',
  stops: 'SIGTERM of workers',
  'lost-disks': 'a staging directory that is gone when its worker comes back',
} as const;

export type ProfileName = keyof typeof PROFILES;

/** A profile that does no harm without another. */
const NEEDS: Readonly<Partial<Record<ProfileName, ProfileName>>> = {
  strangers: 'network',
  clocks: 'network',
  'reset-header': 'network',
  crowd: 'network',
  'lost-disks': 'kills',
};

export type Profiles = ReadonlySet<ProfileName>;

/** @param only empty = all; what they need is added */
export function chooseProfiles(only: readonly ProfileName[], without: readonly ProfileName[]): Profiles {
  const wanted = only.length === 0 ? profileNames() : only.flatMap((name) => [name, NEEDS[name] ?? name]);
  return new Set(wanted.filter((name) => !without.includes(name)));
}

export function profileNames(): ProfileName[] {
  return Object.keys(PROFILES).filter(isProfile);
}

export function isProfile(name: string): name is ProfileName {
  return name in PROFILES;
}

/** Troubles that came, counted by name: the report shows them, so that trouble which never came is seen. */
export interface Tally {
  add(name: string): void;
  counts(): Readonly<Record<string, number>>;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    counts: () => Object.fromEntries([...counts].toSorted(([left], [right]) => left.localeCompare(right))),
  };
}
