/** How `pub` and `sub` run a client: connect, tell of each frame, and say in one line what went wrong. */
import { standardErrorLines } from '../app/standard-error.ts';
import { EndedByGatewayError, NoAnswerError, NotConnectedError, RejectedError } from '../client/client-error.ts';
import type { MqttSnClientOptions } from '../client/client-options.ts';
import { MqttSnClient } from '../client/mqtt-sn-client.ts';
import { describeFrame } from '../codec/describe.ts';
import { ConfigError } from '../config/problem.ts';
import { OptionProblem } from './option-table.ts';
import { rejectionLine } from './rejection-line.ts';

/** Exit codes: something went wrong; the options do not fit together. */
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Nobody listens at the gateway's address: said at once, not after all retransmissions. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** A client that prints its frames on standard error where `debug` is set. */
export function commandClient(options: MqttSnClientOptions, debug: boolean): MqttSnClient {
  if (!debug) {
    return new MqttSnClient(options);
  }
  const lines = standardErrorLines();
  return new MqttSnClient({
    ...options,
    onFrame: (direction, frame) => {
      lines.write(`${direction === 'sent' ? '>' : '<'} ${describeFrame(frame, { payload: true })}\n`);
      options.onFrame?.(direction, frame);
    },
  });
}

/** Connects. Rejects at once where the network says that nobody listens there. */
export async function connectCommandClient(client: MqttSnClient): Promise<void> {
  const refused = new Promise<never>((_, reject) => {
    client.onTransportError((error) => {
      if (
        'code' in error &&
        (error.code === 'ECONNREFUSED' || error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH')
      ) {
        reject(
          new UnreachableError(error.code === 'ECONNREFUSED' ? 'connection refused' : 'unreachable', { cause: error }),
        );
      }
    });
  });
  try {
    await Promise.race([client.connect(), refused]);
  } finally {
    refused.catch(() => undefined);
    client.onTransportError(() => undefined);
  }
}

/** Does `work` with a client and takes leave of the gateway, also where it refused something. */
export async function withClient(client: MqttSnClient, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    await client.disconnect();
  } catch (error) {
    if (error instanceof RejectedError) {
      // It answers, so it is told; what it refused is the error that counts.
      await client.disconnect().catch(() => undefined);
    }
    throw error;
  } finally {
    await client.close();
  }
}

/** What a command says where something goes wrong. */
export interface ErrorReport {
  /** Address of the gateway, for people. */
  readonly gateway: string;
  /** Says nothing of what goes wrong; what is wrong with the options is said all the same. */
  readonly quiet?: boolean;
}

/** Runs a command's work; whatever goes wrong becomes one line on standard error and the exit code. */
export async function reportingErrors(
  name: string,
  { gateway, quiet = false }: ErrorReport,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ConfigError) {
      throw error; // it is told as what is wrong with every other file
    }
    const isUsage = error instanceof OptionProblem;
    if (isUsage || !quiet) {
      const help = isUsage ? ` (mqtt-sn-gateway ${name} --help)` : '';
      process.stderr.write(`${name}: ${errorLine(error, gateway)}${help}\n`);
    }
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILURE;
  }
}

/** One line for the user. `gateway`: its address. */
export function errorLine(error: unknown, gateway: string): string {
  if (error instanceof NoAnswerError) {
    return `no answer from ${gateway} after ${error.tries} ${error.tries === 1 ? 'try' : 'tries'}: is the gateway running?`;
  }
  if (error instanceof UnreachableError) {
    return `no answer from ${gateway} (${error.message}): is the gateway running?`;
  }
  if (error instanceof RejectedError) {
    return rejectionLine(error);
  }
  if (error instanceof EndedByGatewayError) {
    return `${error.message}: it stops, has lost the broker, or does not know this client any more; its log says which. Start this again`;
  }
  if (
    error instanceof OptionProblem ||
    error instanceof NotConnectedError ||
    error instanceof TypeError ||
    error instanceof RangeError
  ) {
    return error.message;
  }
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'EADDRINUSE') {
    return 'another program has the port of --cport: choose another one, or leave it away';
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `no address is known for ${gateway}`;
  }
  return typeof message === 'string' ? message : String(error);
}
