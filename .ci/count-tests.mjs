// Prints `N passed, N failed` from Vitest's JSON reports, and fails unless all tests ran and passed.
// Each argument is the path of a report and, after a colon, the status in which its test runner ended.
import { readFileSync } from 'node:fs';

const runs = process.argv.slice(2).map((argument) => {
  const [path, status] = argument.split(':');
  return count(read(path), status);
});
const passed = sum(runs.map((run) => run.passed));
const failed = sum(runs.map((run) => run.failed));
for (const problem of runs.flatMap((run) => run.problems)) console.error(`ci: ${problem}`);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = runs.every((run) => run.failed === 0 && run.problems.length === 0) ? 0 : 1;

function count({ numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, testResults }, status) {
  // A file that cannot be loaded has no tests that could fail.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const failed = numFailedTests + broken;
  const skipped = numPendingTests + numTodoTests;
  const problems = [];
  if (skipped > 0) problems.push(`${skipped} tests were skipped`);
  if (passed + failed === 0) problems.push('no test ran');
  if (status !== '0' && failed === 0) problems.push(`the test runner ended with status ${status}`);
  return { passed, failed, problems };
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`ci: the test runner left no report: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
