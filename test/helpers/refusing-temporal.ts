import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from '@grpc/grpc-js';

export interface Certificate {
  readonly directory: string;
  /** Path of the certificate, in PEM. */
  readonly path: string;
  readonly pair: { readonly private_key: Buffer; readonly cert_chain: Buffer };
  remove(): Promise<void>;
}

/** A certificate of its own for `localhost`, or one that nobody can use any more. */
export async function makeCertificate(): Promise<Certificate> {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-tls-'));
  const [key, path] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    path,
    '-days',
    '1',
    ...subject,
  ];
  await promisify(execFile)('openssl', made);
  const pair = { private_key: await readFile(key), cert_chain: await readFile(path) };
  return { directory, path, pair, remove: () => rm(directory, { recursive: true }) };
}

const raw = (bytes: Buffer): Buffer => bytes;
const METHOD = {
  path: '/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo',
  requestStream: false,
  responseStream: false,
  requestSerialize: raw,
  requestDeserialize: raw,
  responseSerialize: raw,
  responseDeserialize: raw,
} as const;

/** A server that speaks gRPC, and refuses every client. */
export async function startRefusing(
  code: number,
  details: string,
  credentials = ServerCredentials.createInsecure(),
): Promise<{ readonly port: number; stop(): void }> {
  const server = new Server();
  const service: ServiceDefinition = { getSystemInfo: METHOD };
  const refuse: UntypedHandleCall = (_: unknown, answer: (error: object) => void) => answer({ code, details });
  server.addService(service, { getSystemInfo: refuse });
  const port = await promisify(server.bindAsync.bind(server))('127.0.0.1:0', credentials);
  return { port, stop: () => server.forceShutdown() };
}
