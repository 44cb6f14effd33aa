import { orderRule } from './order-rules.js';
import { otherParamsRule, scheduledParamsRule } from './params-rule.js';
import type { Finding } from './problems.js';
import { referenceRule } from './reference-rules.js';
import { tableRule } from './table-rules.js';

/** What the parts of a pipeline say about each other. */
export function pipelineRule(pipeline: unknown): readonly Finding[] {
  return [referenceRule, orderRule, tableRule, otherParamsRule, scheduledParamsRule].flatMap((rule) => rule(pipeline));
}
