import { setTimeout as sleep } from 'node:timers/promises';

const PIECES_A_SECOND = 10;

/** Slows a body down to so many bytes a second. */
export function slowBody(body: ReadableStream<Uint8Array>, bytesPerSecond: number): ReadableStream<Uint8Array> {
  const pieceBytes = Math.max(1, Math.floor(bytesPerSecond / PIECES_A_SECOND));
  const pauseMs = (pieceBytes / bytesPerSecond) * 1000;
  const reader = body.getReader();
  let left: Uint8Array = new Uint8Array();

  return new ReadableStream(
    {
      async pull(controller) {
        while (left.length === 0) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          left = value;
        }
        await sleep(pauseMs);
        controller.enqueue(left.subarray(0, pieceBytes));
        left = left.subarray(pieceBytes);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
