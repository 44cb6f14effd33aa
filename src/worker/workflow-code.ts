import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';

export const WORKFLOWS = new URL('../workflows', import.meta.url);
/** Made by the build, and not there where the sources themselves are run. */
export const WORKFLOW_BUNDLE = new URL('../workflow-bundle.js', import.meta.url);

/** Where a Temporal worker finds the workflows' code. */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(WORKFLOW_BUNDLE)
    ? { workflowBundle: { codePath: fileURLToPath(WORKFLOW_BUNDLE) } }
    : { workflowsPath: fileURLToPath(WORKFLOWS) };
}
