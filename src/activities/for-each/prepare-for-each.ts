import { batchesWorkflowId } from '../../domain/batches.js';
import type { RunForEachInput } from '../../domain/for-each.js';
import { fillBatch } from '../../domain/references.js';
import { refuseUnusableSchema } from '../../rows/check-schema.js';
import { schemaColumns } from '../../rows/columns.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { describe } from '../owners.js';
import { invalid, refuseBadInput, refuseUnknownStores } from '../refuse-bad-input.js';
import { runFolder } from '../staged-run.js';

/** Longer names are none of a file any more. */
const LONGEST_FOLDER = 200;

export function createStepPreparation({ stores, secrets }: ActivityDependencies) {
  return {
    /** Checks a `forEach` step as a whole, before the first of its batches is paid for. */
    prepareForEach({ task, options, pipeline, run }: RunForEachInput): Promise<void> {
      return attempt({ paid: false }, async ({ signal }) => {
        refuseBadInput('runTask', { ...options, task: fillBatch(task, ['https://example.com']) });
        if (runFolder(run).length > LONGEST_FOLDER)
          throw invalid(
            `run ${run}: its name is too long for a folder's; shorten the key, or the names of pipeline and step`,
          );
        const { format = 'json', records, publish = [], secretPayload = {} } = options;
        refuseUnknownStores(stores, publish);
        for (const name of Object.values(secretPayload)) secrets.resolve(name);
        const outputSchema = task.output_schema;
        await refuseUnusableSchema({ outputSchema, format, ...(records === undefined ? {} : { records }) }, signal);
        const columns = schemaColumns(outputSchema, records);
        for (const publication of publish) await stores.get(publication.store).check(publication, pipeline, columns);
      });
    },

    /**
     * Which staging directory holds what earlier runs of a step have left.
     *
     * @param runs the first that has left something anywhere tells
     * @returns null: none, or they lie where all workers reach them
     */
    findStaging(runs: readonly string[]): Promise<string | null> {
      return attempt({ paid: true }, async () => {
        for (const run of runs) {
          const memo = (await describe(batchesWorkflowId(run, 1)))?.memo;
          const stagingId = memo?.['stagingId'];
          if (typeof stagingId === 'string') return stagingId;
        }
        return null;
      });
    },
  };
}
