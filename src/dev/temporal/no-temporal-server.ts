/** No Temporal server was found and none could be made. The message lists what was tried and what the user can do. */
export class NoTemporalServer extends Error {
  override readonly name = 'NoTemporalServer';

  /** @param tried one line for each way: what it was and why it failed. */
  constructor(tried: readonly string[], options?: ErrorOptions) {
    super(
      [
        'no Temporal server was found and none could be made. Tried:',
        ...tried.map((line) => `  - ${line}`),
        'One of these helps:',
        '  - set TEMPORAL_ADDRESS (or TEMPORAL_PROFILE) to use a server that runs somewhere',
        '  - install the Temporal CLI so that `temporal` is on PATH: https://docs.temporal.io/cli/setup-cli',
        '  - install Go 1.26.8 or newer: the CLI is then built once, in about 5 minutes',
        '  - run a server in a container and set TEMPORAL_ADDRESS=localhost:7233:',
        '    docker run --rm -p 7233:7233 -p 8233:8233 temporalio/temporal server start-dev --ip 0.0.0.0',
      ].join('\n'),
      options,
    );
  }
}
