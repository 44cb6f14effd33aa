import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { WORKFLOW_BUNDLE, WORKFLOWS } from './workflow-code.js';

/** A part of the build: a worker that has to bundle by itself starts seconds later and keeps a hundred megabytes more. */
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(WORKFLOWS),
  logger: new DefaultLogger('WARN'),
});
await writeFile(WORKFLOW_BUNDLE, code);
