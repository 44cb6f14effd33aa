import { checkOutputSchema } from '../check-output-schema.js';
import { loadKnownStores } from '../stores-config.js';
import { readPipelineFile } from '../pipeline-file/pipeline-tree.js';
import { formatProblem } from '../pipeline-file/problems.js';
import { UserError } from '../user-error.js';
import { print, printJson } from './terminal.js';

/**
 * `titanflow validate FILE`: every problem of the file, of those that it names and of the stores file; no network.
 *
 * @throws UserError with a line for each, unless they are printed as JSON
 */
export async function validate(file: string, options: { readonly json?: boolean } = {}): Promise<void> {
  const stores = loadKnownStores();
  const read = await readPipelineFile(file, checkOutputSchema, 'names' in stores ? stores : undefined);
  const problems = [read, stores].flatMap((one) => ('problems' in one ? one.problems : []));
  const pipeline = 'spec' in read ? { name: read.spec.name, steps: Object.keys(read.spec.steps) } : undefined;
  if (options.json === true) {
    printJson({ file, ok: problems.length === 0, ...pipeline, problems });
    process.exitCode = problems.length === 0 ? 0 : 2;
    return;
  }
  if (problems.length > 0) throw new UserError(2, problems.map((problem) => formatProblem(file, problem)).join('\n'));
  const { name = '', steps = [] } = pipeline ?? {};
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  print(`${file}: pipeline "${name}" is fine: ${count} (${steps.join(', ')})`);
}
