import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Collected } from '../../support/eventually.ts';

/**
 * A network, names of hosts and process ids of its own (namespaces of Linux): there the ports and the addresses that documents name are free,
 * whatever else runs on the machine. Everything that runs in it ends with it.
 */
export class PrivateNetwork {
  readonly #holder: ChildProcessWithoutNullStreams;
  /** The process that has the namespaces, as it is called outside. */
  readonly #pid: string;

  private constructor(holder: ChildProcessWithoutNullStreams, pid: string) {
    this.#holder = holder;
    this.#pid = pid;
  }

  /** Makes it, with these IPv4 addresses (as `ip addr add` has them) and names; `folder` is for a file. Error where that is not allowed. */
  static async make(
    folder: string,
    addresses: readonly string[],
    names: Readonly<Record<string, string>>,
  ): Promise<PrivateNetwork> {
    const hosts = join(folder, 'hosts');
    const lines = Object.entries({ localhost: '127.0.0.1', ...names }).map(([name, address]) => `${address} ${name}\n`);
    await writeFile(hosts, lines.join(''));
    const script = [
      'ip link set lo up',
      ...addresses.map((address) => `ip addr add ${address} dev lo`),
      'ip route add default dev lo',
      'mount --bind "$0" /etc/hosts',
      'echo ready',
      'cat',
    ].join(' && ');
    const holder = spawn('unshare', ['-rmnp', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script, hosts]);
    const said = new Collected<string>('words of the private network');
    holder.stdin.on('error', () => undefined);
    holder.stdout.setEncoding('utf8').on('data', (text: string) => said.add(text));
    let errors = '';
    holder.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = once(holder, 'close').then(() => {
      const why = 'this machine does not allow a network of the test’s own (unshare -rmnp, ip, mount)';
      throw new Error(`${why}: ${errors.trim()}`);
    });
    ended.catch(() => undefined);
    await Promise.race([said.nth(1), ended]);
    const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8');
    return new PrivateNetwork(holder, children.trim());
  }

  /** The command that runs another one in it, as the user and in the folder of the caller. */
  through(...command: readonly string[]): string[] {
    return ['nsenter', '-t', this.#pid, '-U', '-m', '-n', '-p', '--preserve-credentials', ...command];
  }

  async dispose(): Promise<void> {
    const gone = once(this.#holder, 'close');
    this.#holder.kill('SIGKILL');
    await gone;
  }
}
