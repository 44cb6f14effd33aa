import { readPipeline } from './read-pipeline.js';

/** `titanflow validate FILE`: every problem with file, line and column; no network. */
export async function validate(file: string): Promise<void> {
  const spec = await readPipeline(file);
  const steps = Object.keys(spec.steps);
  console.log(
    `${file}: pipeline "${spec.name}" is fine: ${steps.length} ${steps.length === 1 ? 'step' : 'steps'} (${steps.join(', ')})`,
  );
}
