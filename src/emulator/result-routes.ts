import { ApiError, success } from './envelope.js';
import { hasResults, rowsAt, type Execution } from './execution.js';
import { isEnded, momentOf } from './life.js';
import { fileStream, givenFile } from './given-file.js';
import { csvFile, firstHalf, jsonFile, type ResultFile } from './result-file.js';
import { idOf, type Handler, type RouteContext } from './route.js';
import { createRows, withBadRows } from './rows.js';
import { timeOf } from './show.js';
import { findExecution, type State } from './state.js';
import { textStream } from './text-stream.js';

/** Routes below `/executions/:id/results`. */
export function createResultRoutes(state: State) {
  function send(context: RouteContext, format: string): Response {
    const execution = findExportable(state, idOf(context));
    state.executions.set(execution.id, { ...execution, exports: execution.exports + 1 });
    if (execution.file !== undefined) return givenResponse(context, execution.file, execution.id);
    const rows = withBadRows(createRows(state.seed, execution.task.definition), execution.badRows);
    const count = rowsAt(execution, state.now());
    return fileResponse(context, format === 'csv' ? csvFile(rows, count) : jsonFile(rows, count), execution.id);
  }

  return {
    'GET /executions/:id/results': (context) => {
      const execution = findExecution(state, idOf(context));
      const now = state.now();
      const { status, finishedAt } = momentOf(execution.life, now);
      return success(context, {
        execution_id: execution.id,
        status,
        available: hasResults(execution, now),
        formats: ['json', 'csv'],
        ...(isEnded(status) ? { row_count: rowsAt(execution, now) } : {}),
        ...(finishedAt === undefined ? {} : { finished_at: timeOf(state, finishedAt, execution.clockMs) }),
      });
    },
    'GET /executions/:id/results/export': (context) => {
      const format = context.req.query('format') ?? 'json';
      if (format !== 'json' && format !== 'csv') throw new ApiError(400, 'format: must be json or csv');
      return send(context, format);
    },
    'GET /executions/:id/results/download': (context) => send(context, 'csv'),
  } satisfies Record<string, Handler>;
}

/** @throws ApiError 404, or the status that says that it is too early */
function findExportable(state: State, id: string): Execution {
  const execution = findExecution(state, id);
  const now = state.now();
  if (hasResults(execution, now)) return execution;
  const { status } = momentOf(execution.life, now);
  if (!isEnded(status)) throw new ApiError(409, `execution ${id} is ${status}: there are results once it has ended`);
  throw new ApiError(execution.resultsLag?.status ?? 409, `the results of execution ${id} are not ready yet`);
}

function fileResponse(context: RouteContext, file: ResultFile, executionId: string): Response {
  const headers = {
    ...namesOf(file, executionId),
    // Without an explicit length the server looks ahead for it, and asks for pieces before the header is out.
    'Transfer-Encoding': 'chunked',
  };
  if (context.get('cutShort') !== true) return new Response(textStream(file.pieces), { headers });
  const cut = textStream(firstHalf(file), hangUp(context));
  return new Response(cut, { headers: { ...headers, ...CUT_SHORT } });
}

function givenResponse(context: RouteContext, path: string, executionId: string): Response {
  const file = givenFile(path);
  const headers = namesOf(file, executionId);
  if (context.get('cutShort') !== true) {
    const { bytes } = file;
    return new Response(fileStream(path, bytes), { headers: { ...headers, 'Content-Length': String(bytes) } });
  }
  const cut = fileStream(path, Math.floor(file.bytes / 2), hangUp(context));
  return new Response(cut, { headers: { ...headers, ...CUT_SHORT } });
}

/** With these headers a client may take the end of the connection for the end of the body. */
const CUT_SHORT = { 'Transfer-Encoding': 'chunked', Connection: 'close' };

function hangUp(context: RouteContext): () => void {
  return () => context.env.incoming.socket.destroySoon();
}

function namesOf(file: { readonly contentType: string; readonly extension: string }, executionId: string) {
  return {
    'Content-Type': file.contentType,
    'Content-Disposition': `attachment; filename="execution-${executionId}.${file.extension}"`,
  };
}
