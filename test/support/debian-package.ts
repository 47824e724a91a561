import { spawnSync } from 'node:child_process';

/** The version of an installed package, `3.10.8-1.1+deb12u1`; undefined where it is not installed, also where there is no dpkg. */
export function installedVersion(name: string): string | undefined {
  const { stdout } = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  return /^Status: .* installed$[\s\S]*^Version: (\S+)$/m.exec(stdout ?? '')?.[1];
}

/** Whether the package lists of this machine have it. */
export function isAvailable(name: string): boolean {
  const { stdout } = spawnSync('apt-cache', ['policy', name], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return /Candidate: \d/.test(stdout ?? '');
}
