import type { Worker } from '@temporalio/worker';

/** What a worker process consists of, once it has started. */
interface Organs {
  readonly workers: readonly Pick<Worker, 'getState' | 'options'>[];
  /** Asks Temporal something that only a good connection, credential and namespace have an answer to. */
  readonly askTemporal: () => Promise<unknown>;
}

/** How the process is, for those who probe it. What is wrong is told in lines for people; none = all is well. */
export interface Health {
  /** What only a new process cures. */
  ailments(): string[];
  /** What keeps it from its work now. */
  hindrances(): string[];
  /** It has started. */
  begin(organs: Organs): void;
  /** It ends: Temporal is no longer asked. */
  end(): void;
}

const ASK_EVERY_MS = 10_000;
/** Temporal's own retries are patient, so one answer may be lost, or late. */
const LATELY_MS = 30_000;

export function createHealth(): Health {
  let organs: Organs | undefined;
  let answeredAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;

  async function ask(): Promise<void> {
    if (!organs || isAsking) return;
    isAsking = true;
    try {
      await organs.askTemporal();
      answeredAt = performance.now();
    } catch {
      // That it has not answered is told when somebody probes; why, Temporal's client logs.
    }
    isAsking = false;
  }

  function silence(): string[] {
    if (answeredAt === undefined) return ['Temporal has not answered yet'];
    const silentForMs = performance.now() - answeredAt;
    return silentForMs < LATELY_MS ? [] : [`Temporal has not answered for ${Math.round(silentForMs / 1000)} s`];
  }

  return {
    ailments: () => workersIn(organs, (state) => state === 'FAILED'),
    hindrances: () =>
      organs ? [...workersIn(organs, (state) => state !== 'RUNNING'), ...silence()] : ['the worker is starting'],
    begin(started) {
      organs = started;
      timer = setInterval(() => void ask(), ASK_EVERY_MS);
      void ask();
    },
    end() {
      clearInterval(timer);
    },
  };
}

function workersIn(organs: Organs | undefined, isMeant: (state: string) => boolean): string[] {
  return (organs?.workers ?? [])
    .filter((worker) => isMeant(worker.getState()))
    .map((worker) => `task queue ${worker.options.taskQueue}: ${worker.getState().toLowerCase()}`);
}
