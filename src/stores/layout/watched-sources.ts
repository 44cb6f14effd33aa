/** Tells the errors of what a caller hands in from one's own: a file that fails there is no matter of this store. */
export interface WatchedSources {
  watch<T>(source: AsyncIterable<T>): AsyncIterable<T>;
  hasThrown(error: unknown): boolean;
}

export function watchSources(): WatchedSources {
  const errors = new Set<unknown>();
  return {
    async *watch(source) {
      try {
        yield* source;
      } catch (error) {
        errors.add(error);
        throw error;
      }
    },
    hasThrown: (error) => errors.has(error),
  };
}
