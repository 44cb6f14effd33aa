/** One thing that is wrong with an input, in words for the person who wrote it. */
export interface Problem {
  /** Keys and list positions down to what is wrong; empty = the whole input. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** From 1; absent where the input is not a file. */
  readonly line?: number;
  readonly column?: number;
  /** Where it is, if not in the file that was asked for. */
  readonly file?: string;
}

/** A problem whose place in the file is not known yet; with `key` it is about that key of the mapping at `path`. */
export interface Finding {
  readonly path: Problem['path'];
  readonly message: string;
  readonly key?: string;
}

/** `product.yaml:4:5: steps.scrape.publish[0]: unknown key "tabel", did you mean "table"?` */
export function formatProblem(fileName: string, { path, message, line, column, file }: Problem): string {
  const place = [file ?? fileName, line, column].filter((part) => part !== undefined).join(':');
  return [place, pathText(path), message].filter((part) => part !== '').join(': ');
}

function pathText(path: Problem['path']): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
