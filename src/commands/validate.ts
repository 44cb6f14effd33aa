import { loadKnownStores } from '../config.js';
import { readPipelineFile } from '../pipeline-file/pipeline-tree.js';
import { formatProblem } from '../pipeline-file/problems.js';
import { UserError } from '../user-error.js';

/**
 * `titanflow validate FILE`: every problem of the file, of those that it names and of the stores file; no network.
 *
 * @throws UserError with a line for each
 */
export async function validate(file: string): Promise<void> {
  const stores = loadKnownStores();
  const read = await readPipelineFile(file, 'names' in stores ? stores : undefined);
  const problems = [
    ...('problems' in read ? read.problems.map((problem) => formatProblem(file, problem)) : []),
    ...('problems' in stores ? stores.problems : []),
  ];
  if ('problems' in read || problems.length > 0) throw new UserError(2, problems.join('\n'));
  const steps = Object.keys(read.spec.steps);
  console.log(
    `${file}: pipeline "${read.spec.name}" is fine: ${steps.length} ${steps.length === 1 ? 'step' : 'steps'} (${steps.join(', ')})`,
  );
}
