/**
 * What is read at once. What a reader makes of a chunk lives until the next one: more of it outlives the collector's first
 * round, which costs a load a third of its time.
 */
export const CHUNK_BYTES = 32 * 1024;

/** Where exports rest until they are published. */
export interface Staging {
  /** Tells a directory from others: only workers that reach it can publish from it. Undefined: all workers reach it. */
  readonly id: string | undefined;
  /**
   * Begins a file. Nothing is there under its name until it is committed; one that is there is replaced then.
   *
   * @param name relative path, e.g. `<executionId>/export.json`
   * @throws StagingError
   */
  create(name: string): Promise<StagedWriter>;
  /** A chunk is good until the next one is asked for. @throws StagingError `missing` when there is no such file */
  read(name: string): AsyncIterable<Buffer>;
  /** Where a file lies on this machine, for others to read; undefined = it lies elsewhere. */
  pathOf(name: string): string | undefined;
  /** All that lies in folders, one folder after the other. @throws StagingError */
  list(): AsyncIterable<StagedEntry>;
}

export interface StagedEntry {
  readonly name: string;
  /** When it was committed; when it was last written, or begun, where it never was. */
  readonly changedAt: Date;
  /** False: it was begun and is not committed yet, or never will be. */
  readonly isFinished: boolean;
  /** Fine where it is gone already. @throws StagingError */
  remove(): Promise<void>;
}

export interface StagedWriter {
  /** Resolves when more can be written. The chunk must stay as it is. @throws StagingError for this chunk, or one before it */
  write(chunk: Buffer | string): Promise<void>;
  /** What was written so far. */
  soFar(): Omit<StagedFile, 'uri'>;
  /** Makes the file durable under its name. @throws StagingError */
  commit(): Promise<StagedFile>;
  /** Leaves nothing behind; harmless after `commit`. */
  abort(): Promise<void>;
}

interface StagedFile {
  readonly uri: string;
  readonly bytes: number;
  /** Of the bytes, in hex. */
  readonly sha256: string;
}

/** `unavailable`: the disk is full, the server gone, or it is not ours to write; the same may work later. `missing`: there is no such file. */
export class StagingError extends Error {
  override readonly name = 'StagingError';
  readonly reason: 'unavailable' | 'missing';

  constructor(reason: 'unavailable' | 'missing', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
