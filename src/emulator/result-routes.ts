import { ApiError, success } from './envelope.js';
import { rowsAt, type Execution } from './execution.js';
import { isEnded, momentOf } from './life.js';
import { csvFile, firstHalf, jsonFile, type ResultFile } from './result-file.js';
import { idOf, type Handler, type RouteContext } from './route.js';
import { createRows, withBadRows } from './rows.js';
import { findExecution, timeText, type State } from './state.js';
import { textStream } from './text-stream.js';

/** Routes below `/executions/:id/results`. */
export function createResultRoutes(state: State) {
  function send(context: RouteContext, format: string): Response {
    const execution = findEnded(state, idOf(context));
    const rows = withBadRows(createRows(state.seed, execution.task.definition), execution.badRows);
    const count = rowsAt(execution, state.now());
    state.executions.set(execution.id, { ...execution, exports: execution.exports + 1 });
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
        available: isEnded(status),
        formats: ['json', 'csv'],
        ...(isEnded(status) ? { row_count: rowsAt(execution, now) } : {}),
        ...(finishedAt === undefined ? {} : { finished_at: timeText(state, finishedAt) }),
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

function findEnded(state: State, id: string): Execution {
  const execution = findExecution(state, id);
  const { status } = momentOf(execution.life, state.now());
  if (isEnded(status)) return execution;
  throw new ApiError(409, `execution ${id} is ${status}: there are results once it has ended`);
}

function fileResponse(context: RouteContext, file: ResultFile, executionId: string): Response {
  const headers = {
    'Content-Type': file.contentType,
    'Content-Disposition': `attachment; filename="execution-${executionId}.${file.extension}"`,
    // Said outright, or the server looks ahead for the length and asks for pieces before the header is out.
    'Transfer-Encoding': 'chunked',
  };
  if (context.get('cutShort') !== true) return new Response(textStream(file.pieces), { headers });
  // With this header a client takes the end of the connection for the end of the body.
  const cut = textStream(firstHalf(file), () => context.env.incoming.socket.destroySoon());
  return new Response(cut, { headers: { ...headers, Connection: 'close' } });
}
