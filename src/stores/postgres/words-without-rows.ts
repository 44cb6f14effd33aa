/** Classes of SQLSTATE whose details are about tables, rights and servers, not about rows. */
const DETAILED = /^(?:08|0A|25|28|2B|3D|3F|42|53|55|57)/;
/** Values that a type does not take: the message quotes them. But not these two, which quote names of encodings. */
const OF_VALUES = /^22(?!021|P05)/;
/** Codes that Postgres itself never uses for a row of ours: a function or a trigger of the database has raised them. */
const ITS_OWN = /^(?:0[0-9A-Z]|[1-4][0-9A-Z]|5[3-8]|72|F0|HV|XX)/;

/** Routine of Postgres behind `RAISE`: its text is a person's, and may hold a row. */
const RAISED = 'exec_stmt_raise';
/** Quoted text in a message, in any language of the server. */
const QUOTED = /["'„»«“‘][^]*["'“”«»’]/u;

export interface PostgresWords {
  /** SQLSTATE; undefined: not the server's. */
  readonly code: string | undefined;
  readonly message: string;
  readonly detail: string | undefined;
  /** Routine in the server's source that has raised it. */
  readonly routine: string | undefined;
}

/**
 * The words of a failed statement, without what a row holds: failures lie in histories and logs, where no row belongs. They
 * name columns, types and constraints, which is what can be mended.
 */
export function wordsWithoutRows({ code, message, detail, routine }: PostgresWords): string[] {
  if (code === undefined) return [firstLine(message)];
  if (isRaised(code, routine)) {
    return ["a function or a trigger of the database refused it; the server's log has its words"];
  }
  if (OF_VALUES.test(code)) return [firstLine(message.replace(QUOTED, '"…"'))];
  if (DETAILED.test(code)) return detail === undefined ? [firstLine(message)] : [firstLine(message), firstLine(detail)];
  return [firstLine(message), ...keyIn(detail)];
}

/** True where a function or a trigger of the database has raised the error, not Postgres itself. */
export function isRaised(code: string, routine: string | undefined): boolean {
  return routine === RAISED || !ITS_OWN.test(code);
}

/** `Key (sku)=(A-1) already exists.`: only what the key is. */
function keyIn(detail = ''): string[] {
  const columns = /^Key \((?<columns>[^=]*)\)=\(/.exec(detail)?.groups?.['columns'];
  return columns === undefined ? [] : [`Key (${columns})`];
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
