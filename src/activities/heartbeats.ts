const EVERY_MS = 5_000;

const beats = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Calls `beat` every few seconds until the returned function is called. One timer serves all: thousands of activities
 * may wait in a process.
 */
export function beatSteadily(beat: () => void): () => void {
  beats.add(beat);
  timer ??= setInterval(() => beats.forEach((each) => each()), EVERY_MS);
  return () => {
    beats.delete(beat);
    if (beats.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
