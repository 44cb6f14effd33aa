import type { Publication } from '../domain/run.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';

export function createLastRows({ stores }: ActivityDependencies) {
  return {
    /**
     * Asks the stores how many rows the last publication to each table had, of another run than this.
     *
     * @returns in the order of the publications; null = there is none
     */
    readLastRows(executionId: string, publications: readonly Publication[]): Promise<(number | null)[]> {
      return attempt({ paid: true, details: { executionId } }, async () => {
        const rows = publications.map(({ store, table }) => stores.get(store).lastRows(table, executionId));
        return (await Promise.all(rows)).map((last) => last ?? null);
      });
    },
  };
}
