/** A broken file, and what is said of it without the file's name in front. */
export interface BrokenPipeline {
  readonly what: string;
  readonly text: string;
  readonly says: readonly string[];
}

export const TASK = 'task: { id: t-1 }';

export function steps(...lines: readonly string[]): string {
  return ['name: shop', 'steps:', ...lines.map((line) => `  ${line}`)].join('\n');
}

export function step(...lines: readonly string[]): string {
  return steps('scrape:', ...lines.map((line) => `  ${line}`));
}

export function publishing(...publications: readonly string[]): string {
  return step(TASK, 'publish:', ...publications.map((publication) => `  - ${publication}`));
}
