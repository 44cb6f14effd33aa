// Prints `N passed, N failed` from Vitest's JSON report, and fails unless all tests ran and passed.
import { readFileSync } from 'node:fs';

const [path, status] = process.argv.slice(2);
const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, testResults } = read(path);
// A file that cannot be loaded has no tests that could fail.
const brokenFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const failed = numFailedTests + brokenFiles;
const skipped = numPendingTests + numTodoTests;

const problems = [];
if (skipped > 0) problems.push(`${skipped} tests were skipped`);
if (passed + failed === 0) problems.push('no test ran');
if (status !== '0' && failed === 0) problems.push(`the test runner ended with status ${status}`);
for (const problem of problems) console.error(`ci: ${problem}`);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || problems.length > 0 ? 1 : 0;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`ci: the test runner left no report: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}
