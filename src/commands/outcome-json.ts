import { endingWords } from '../domain/ending-words.js';
import { tallyOf } from '../domain/tally.js';
import { isHeldByGate, nextCommands } from './next-commands.js';
import type { Outcome } from './outcome.js';

/** What programs read of an end: the outcome, what a person would be told of it, and the commands that lead on. */
export function outcomeJson(workflowId: string, outcome: Outcome, isReleased: boolean): object {
  if (outcome.kind === 'swept') return outcome;
  const next = nextCommands(workflowId, outcome);
  const released = isReleased ? { released: true } : {};
  if (outcome.kind === 'completed') {
    const { runs } = outcome;
    const tallies = Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, tallyOf(run)]));
    const { isWarning, lines } = endingWords(tallies, isReleased);
    return { ...outcome, ...released, tallies, warning: isWarning, words: lines };
  }
  const held = outcome.kind === 'failed' && isHeldByGate(outcome) ? { held: true } : {};
  return { ...outcome, ...held, ...released, next };
}
