import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of the loopback interface on which nobody listens. Somebody else may take it before it is used.
 *
 * @param port 0 = any.
 * @throws the error of `listen` (EADDRINUSE) if that port is not free.
 */
export async function freePort(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port');
  return address.port;
}
