import { z } from 'zod';
import { json } from './json-value.js';
import { quote } from './nearest.js';
import type { Finding } from './problems.js';
import { isObject, listOf } from './rules.js';

/** A text that is one reference and nothing else: what it stands for is judged when it is filled in. */
const REFERENCE = /^\$\{[^}]*\}$/;
/** Clients of other languages send what they leave out as `null`. */
const nothing = z.null().meta({ title: 'null' });

/** @param error said of a text that is no reference: a predicate that begins with `must` */
function orReference<Schema extends z.ZodType>(schema: Schema, error: string) {
  return z.union([
    schema,
    z.string().regex(REFERENCE, error).meta({ title: 'a reference such as ${params.x}' }),
    nothing,
  ]);
}

const text = z.union([z.string(), nothing]);
const texts = (error: string) => orReference(z.array(z.string()).meta({ title: 'a list of texts' }), error);
const mapping = (error: string) => orReference(z.record(z.string(), json), error);

/** The fields of a task's body that the vendor's guide tells the shape of. */
export const taskFields = {
  urls: texts('must be a list of URLs, such as ["https://shop.example"], is a text')
    .exactOptional()
    .describe('List of the pages to start from.'),
  objective: text.exactOptional().describe('What the run should accomplish, in plain language.'),
  action_type: orReference(
    z.enum(['search', 'crawl', 'scrape', 'api_call']),
    'must be "search", "crawl", "scrape" or "api_call"',
  )
    .exactOptional()
    .describe('`search`, `crawl`, `scrape` or `api_call`; leave it out for plain extraction from `urls`.'),
  limits: mapping('must be a mapping, is a text')
    .exactOptional()
    .describe('Bounds of an action; the keys belong to its template.'),
  payload: mapping('must be a mapping, is a text')
    .exactOptional()
    .describe('Settings of an action; the keys belong to its template. No secrets: see `secretPayload`.'),
  proxy_locations: texts('must be a list of country codes, such as ["CN"], is a text')
    .exactOptional()
    .describe('List of country codes of the proxies to prefer.'),
};

/** Fields that say nothing of what is done. */
const LABELS: ReadonlySet<string> = new Set(['name', 'execution_type', 'schedule']);
/** Fields of a task that takes rows from its `urls`. Any other may say what is done in their place. */
const CLASSIC: ReadonlySet<string> = new Set([...LABELS, 'urls', 'objective', 'output_schema', 'proxy_locations']);

/** What the shapes of a definition's fields cannot say. */
export function definitionRule(task: unknown): readonly Finding[] {
  if (!isObject(task) || typeof task['name'] !== 'string') return [];
  const given = Object.keys(task).filter((key) => task[key] !== null && task[key] !== undefined);
  const { urls, execution_type: type = 'single' } = task;
  if (type === 'single' && given.every((key) => LABELS.has(key)))
    return [{ path: [], message: `"urls" is missing: ${CURE}` }];
  if (Array.isArray(urls) && urls.length === 0 && given.every((key) => CLASSIC.has(key))) {
    return [{ path: ['urls'], message: `"urls" must name at least one page: ${CURE}` }];
  }
  return listOf(urls).flatMap((url, index) => {
    if (typeof url !== 'string' || url.includes('${') || isPage(url)) return [];
    return [
      { path: ['urls', index], message: `${quote(shortened(url))} is no URL: write it with https:// or http://` },
    ];
  });
}

const CURE =
  'give the pages to start from, or say otherwise what is done, with "action_type", "execution_plan" or "template_slug"';

function isPage(url: string): boolean {
  return /^\s*https?:\/\//i.test(url) && URL.canParse(url);
}

const LONGEST = 100;

function shortened(url: string): string {
  return url.length > LONGEST ? `${url.slice(0, LONGEST)}…` : url;
}
