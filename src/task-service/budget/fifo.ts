/** A queue that can also be left from its middle; every operation takes the same short time, however long it is. */
export interface Fifo<Item> {
  readonly size: number;
  /** Returns how to leave again; whoever has left already may leave once more. */
  push(item: Item): () => void;
  shift(): Item | undefined;
}

interface Link<Item> {
  readonly item: Item;
  readonly leave: () => void;
  before: Link<Item> | undefined;
  after: Link<Item> | undefined;
}

export function createFifo<Item>(): Fifo<Item> {
  let size = 0;
  let first: Link<Item> | undefined;
  let last: Link<Item> | undefined;

  function unlink(link: Link<Item>): void {
    if (link.before) link.before.after = link.after;
    else first = link.after;
    if (link.after) link.after.before = link.before;
    else last = link.before;
    size -= 1;
  }

  return {
    get size() {
      return size;
    },
    push(item) {
      let isIn = true;
      const leave = (): void => {
        if (isIn) unlink(link);
        isIn = false;
      };
      const link: Link<Item> = { item, leave, before: last, after: undefined };
      if (last) last.after = link;
      else first = link;
      last = link;
      size += 1;
      return leave;
    },
    shift() {
      const link = first;
      link?.leave();
      return link?.item;
    },
  };
}
