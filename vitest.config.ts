import { defineConfig } from 'vitest/config';

/** Run by `npm run test:clients`. */
export const CLIENT_EXAMPLES = 'test/examples/*.test.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [CLIENT_EXAMPLES],
    globalSetup: ['test/helpers/temporal-server.ts', 'test/helpers/versitygw-binary.ts'],
    // The S3 client announces the end of its support for Node 20 in every process.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    // Most of the time is spent waiting for servers.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
