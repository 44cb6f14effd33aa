import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ServerCredentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { withClient } from '../../src/commands/connect.js';
import { loadClientConfig } from '../../src/config.js';
import { connectWorker } from '../../src/worker/connect.js';
import { runCli } from '../helpers/cli.js';
import { makeCertificate, startRefusing, type Certificate } from '../helpers/refusing-temporal.js';

let certificate: Certificate;
/** Ports by the name of what listens there. */
let ports: Readonly<Record<string, number>>;
let stops: (() => void)[];

beforeAll(async () => {
  certificate = await makeCertificate();
  const tls = ServerCredentials.createSsl(null, [certificate.pair]);
  const mutual = ServerCredentials.createSsl(certificate.pair.cert_chain, [certificate.pair], true);
  const servers = await Promise.all([
    startRefusing(16, 'who are you'),
    startRefusing(7, 'not you'),
    startRefusing(16, 'who are you', tls),
    startRefusing(16, 'who are you', mutual),
  ]);
  const web = createServer((_, response) => response.writeHead(404).end('no')).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const [unknown = 0, denied = 0, secure = 0, both = 0] = servers.map(({ port }) => port);
  ports = { unknown, denied, secure, both, web: (web.address() as AddressInfo).port };
  stops = [...servers.map(({ stop }) => stop), () => web.close()];
});

afterAll(async () => {
  for (const stop of stops) stop();
  await certificate.remove();
});

interface Case {
  readonly what: string;
  readonly host?: string;
  readonly at?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The worker's TLS does not take this certificate at all. */
  readonly worker?: RegExp;
  readonly told: RegExp;
  readonly exitCode: 2 | 3;
}

const TLS = { TEMPORAL_TLS: 'true' };

const CASES: readonly Case[] = [
  {
    what: 'nobody listens',
    at: 'nobody',
    told: /^no Temporal server answers at .*:9; start one with `titanflow dev`/,
    exitCode: 3,
  },
  {
    what: 'no such host',
    host: 'nowhere.invalid',
    at: 'nobody',
    told: /^there is no host "nowhere.invalid".*; mend TEMPORAL_ADDRESS/,
    exitCode: 3,
  },
  {
    what: 'something else',
    at: 'web',
    told: /does not answer as Temporal does.*; check TEMPORAL_ADDRESS: the Web UI/,
    exitCode: 3,
  },
  {
    what: 'UNAUTHENTICATED',
    at: 'unknown',
    told: /does not know who we are \(it wants a credential\): who are you \(UNAUTHENTICATED\); set TEMPORAL_API_KEY/,
    exitCode: 2,
  },
  {
    what: 'UNAUTHENTICATED with a key',
    at: 'unknown',
    env: { TEMPORAL_API_KEY: 'canary', TEMPORAL_TLS: 'false' },
    told: /\(the API key is wrong\): who are you/,
    exitCode: 2,
  },
  {
    what: 'PERMISSION_DENIED',
    at: 'denied',
    told: /does not let us use namespace "default": not you \(PERMISSION_DENIED\); give/,
    exitCode: 2,
  },
  {
    what: 'TLS against plaintext',
    at: 'unknown',
    env: TLS,
    told: /speaks no TLS.*; set TEMPORAL_TLS=false/,
    exitCode: 2,
  },
  {
    what: 'an API key against plaintext',
    at: 'unknown',
    env: { TEMPORAL_API_KEY: 'canary' },
    told: /speaks no TLS, and TEMPORAL_TLS_\* or TEMPORAL_API_KEY/,
    exitCode: 2,
  },
  { what: 'plaintext against TLS', at: 'secure', told: /wants TLS.*; set TEMPORAL_TLS=true/, exitCode: 2 },
  {
    what: 'an unknown certificate',
    host: 'localhost',
    at: 'secure',
    env: TLS,
    told: /is not trusted \(\w+\); name its CA by TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
    exitCode: 2,
  },
  {
    what: 'a certificate for another name',
    at: 'secure',
    env: { ...TLS, CA: '' },
    told: /is for another name.*; set TEMPORAL_TLS_SERVER_NAME/,
    exitCode: 2,
  },
  {
    what: 'a client certificate that is missing',
    host: 'localhost',
    at: 'both',
    env: { ...TLS, CA: '' },
    told: /wants one; set TEMPORAL_TLS_CLIENT_CERT_PATH/,
    exitCode: 2,
  },
];

function envOf({ host = '127.0.0.1', at = '', env = {} }: Case): Record<string, string> {
  const { CA, ...others } = env;
  return {
    TEMPORAL_CONFIG_FILE: '/nowhere',
    TEMPORAL_ADDRESS: `${host}:${ports[at] ?? 9}`,
    ...others,
    ...(CA === undefined ? {} : { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificate.path }),
  };
}

describe('no connection to Temporal', () => {
  it.each(CASES)('because of $what is told as such, to commands and to the worker', async (given) => {
    const config = loadClientConfig(envOf(given));
    const [command, worker] = await Promise.allSettled([withClient(config, async () => 'in'), connectWorker(config)]);
    for (const outcome of [command, worker]) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'UserError', exitCode: given.exitCode, message: expect.stringMatching(given.told) },
      });
      expect(String((outcome as PromiseRejectedResult).reason)).not.toContain('canary');
    }
  });

  it.each(['list', 'worker', 'doctor'])('is one line of `titanflow %s`, with the exit code', async (name) => {
    const env = {
      ...envOf({ what: '', at: 'denied', told: /a/, exitCode: 2 }),
      TITAN_TOKEN: 'x',
      TITAN_API_URL: 'http://127.0.0.1:9',
    };
    const run = await runCli([name], { env });
    expect(run.stdout + run.stderr).toContain('does not let us use namespace "default": not you (PERMISSION_DENIED)');
    // The doctor has found that the service is out of reach, too.
    expect(run.code).toBe(name === 'doctor' ? 3 : 2);
  });

  it.each(['list', 'worker'])('to a namespace that is not there is told by `titanflow %s`', async (name) => {
    const env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: 'nowhere', TITAN_TOKEN: 'x' };
    const run = await runCli([name], { env });
    expect(run).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /has no namespace "nowhere"; mend TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace nowhere\n$/,
      ),
    });
  });
});
