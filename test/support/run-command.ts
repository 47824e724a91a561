import { jest } from '@jest/globals';
import { type Command, runCommandLine } from '../../src/cli/command-line.ts';

/** What a command has said, and how it has ended. */
export interface CommandRun {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

/** A command that runs in this process: what it has said so far, and its end. One at a time. */
export class RunningCommand {
  output = '';
  errors = '';
  readonly ended: Promise<CommandRun>;

  constructor(command: Command, args: readonly string[], columns = 100) {
    const exitCodeBefore = process.exitCode;
    process.exitCode = undefined;
    const take =
      (add: (text: string) => void) =>
      (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        add(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
        const done = rest.at(-1);
        if (typeof done === 'function') {
          done();
        }
        return true;
      };
    const spies = [
      jest.spyOn(process.stdout, 'write').mockImplementation(take((text) => (this.output += text)) as never),
      jest.spyOn(process.stderr, 'write').mockImplementation(take((text) => (this.errors += text)) as never),
    ];
    this.ended = runCommandLine(args, {
      version: '1.2.3',
      commands: [command],
      writeError: (text) => {
        this.errors += text;
      },
      columns,
    }).then((code) => {
      const exitCode = code ?? Number(process.exitCode ?? 0);
      for (const spy of spies) {
        spy.mockRestore();
      }
      process.exitCode = exitCodeBefore;
      return { output: this.output, errors: this.errors, exitCode };
    });
  }
}

/** Runs a command of the program in this process, which is faster than to start the program. Its name is the first of the arguments. */
export function runCommand(command: Command, ...args: readonly string[]): Promise<CommandRun> {
  return new RunningCommand(command, args).ended;
}
