import { serviceFact, type Meaning } from './service-facts.js';
import { TaskServiceError } from './task-service-error.js';

export interface Page {
  readonly limit?: number;
  readonly offset?: number;
  /** Such as `-updated_at`; whether it is honoured shows in what comes back. */
  readonly sort?: string;
}

/** What a list route showed. */
export interface Listing<Item> {
  /** Each once, in the service's order. */
  readonly items: readonly Item[];
  /** Whether these are all. */
  readonly isComplete: boolean;
}

export interface Reading<Item> {
  readonly list: (page: Page) => Promise<Item[]>;
  readonly mostPages: number;
  /** Told of what a page shows that none before it did; whether what follows is of no interest. */
  readonly isEnough?: (fresh: readonly Item[]) => boolean;
}

const PAGE_SIZE = 100;
/** Rows shift while others are created, so pages overlap a little. */
const OVERLAP = 5;

/**
 * Reads a list page by page; undefined where the service has no such list. Page size and whether `offset` is honoured
 * are not documented: it reads on until a page brings nothing new.
 *
 * @throws TaskServiceError
 */
export async function readThrough<Item extends { readonly id: string }>(
  reading: Reading<Item>,
): Promise<Listing<Item> | undefined> {
  const seen = new Map<string, Item>();
  const listing = (isComplete: boolean): Listing<Item> => ({ items: [...seen.values()], isComplete });

  let offset = 0;
  for (let page = 0; page < reading.mostPages; page++) {
    const answer = await pageOf(reading.list, offset);
    if (answer === undefined) return page === 0 ? undefined : listing(false);
    const fresh = answer.filter(({ id }) => !seen.has(id));
    for (const item of fresh) seen.set(item.id, item);
    // A full page of what was seen already: `offset` is ignored, and `limit` is not.
    if (fresh.length === 0) return listing(answer.length !== PAGE_SIZE);
    if (reading.isEnough?.(fresh) === true) return listing(true);
    offset += Math.max(answer.length - OVERLAP, 1);
  }
  return listing(false);
}

async function pageOf<Item>(list: Reading<Item>['list'], offset: number): Promise<Item[] | undefined> {
  try {
    return await list(offset === 0 ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, offset });
  } catch (error) {
    // Where parameters are refused, the bare list is all there is.
    if (isRefusal(error)) return offset === 0 ? list({}) : undefined;
    if (meaningOf(error) === 'no such list') return undefined;
    throw error;
  }
}

/** Whether the service takes offence at what it was asked with: the parameters of most lists are not documented. */
export function isRefusal(error: unknown): boolean {
  return meaningOf(error) === 'bad parameters';
}

function meaningOf(error: unknown): Meaning | undefined {
  return error instanceof TaskServiceError ? serviceFact(error, false).meaning : undefined;
}
