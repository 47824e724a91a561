// Makes a release of what is committed: version, changelog, tag, and what people install, in release/<version>/. Pushes nothing.
//   npm run release -- 1.2.0            (a clean checkout of main, whose CI has passed)
//   npm run release -- 1.2.0 --dry-run  says what it would do
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HEADING = '## Unreleased';

/** Whether `version` comes behind `before` (semver, without pre-releases). */
export function isNext(version, before) {
  const parts = (text) => /^(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number);
  const [next, last] = [parts(version), parts(before)];
  if (next === undefined || last === undefined) {
    return false;
  }
  const at = next.findIndex((part, index) => part !== last[index]);
  return at >= 0 && next[at] === last[at] + 1 && next.slice(at + 1).every((part) => part === 0);
}

/** The changelog with what is unreleased under a version and its date (ISO), and those lines as notes. Throws where there are none. */
export function released(changelog, version, date) {
  const begin = changelog.indexOf(`${HEADING}\n`);
  const rest = changelog.slice(begin + HEADING.length + 1);
  const end = rest.search(/^## /m);
  const notes = (end < 0 ? rest : rest.slice(0, end)).trim();
  if (begin < 0 || notes === '') {
    throw new Error(`CHANGELOG.md has nothing under "${HEADING}"`);
  }
  const others = end < 0 ? '' : `\n${rest.slice(end)}`;
  return {
    notes,
    changelog: `${changelog.slice(0, begin)}${HEADING}\n\n## ${version} (${date})\n\n${notes}\n${others}`,
  };
}

function release(root, version, isDry) {
  const run = (command, ...args) => {
    console.log(`${isDry ? 'would run: ' : ''}${[command, ...args].join(' ')}`);
    return isDry
      ? ''
      : execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const path = (...parts) => join(root, ...parts);
  const manifest = JSON.parse(readFileSync(path('package.json'), 'utf8'));
  if (!isNext(version, manifest.version)) {
    throw new Error(
      `${version} does not come behind ${manifest.version}: one of the three numbers is one more, those behind it are 0`,
    );
  }
  if (execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }) !== '') {
    throw new Error('the checkout has changes that are not committed');
  }
  const { notes, changelog } = released(
    readFileSync(path('CHANGELOG.md'), 'utf8'),
    version,
    new Date().toISOString().slice(0, 10),
  );
  const folder = path('release', version);
  console.log(`${notes}\n`);
  if (!isDry) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'NOTES.md'), `${notes}\n`);
    writeFileSync(path('CHANGELOG.md'), changelog);
    const addOn = path('config', 'home-assistant', 'config.yaml');
    writeFileSync(addOn, readFileSync(addOn, 'utf8').replace(/^version: .*$/m, `version: "${version}"`));
  }
  run('npm', 'version', '--no-git-tag-version', version);
  run('npm', 'run', 'build');
  run(process.execPath, path('.ci', 'pack.mjs'), folder);
  run(process.execPath, path('.ci', 'deb.mjs'), folder);
  const sbom = run('npm', 'sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx');
  if (!isDry) {
    writeFileSync(join(folder, 'sbom.json'), sbom);
    // What the image is built from, as one folder.
    const context = join(folder, 'container');
    const copied = [
      '.ci',
      'bin',
      'src',
      'config',
      'docs',
      'examples',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
    ];
    for (const part of [...copied, 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE']) {
      cpSync(path(part), join(context, part), { recursive: true });
    }
  }
  run('git', 'commit', '-qam', `Version ${version}`);
  run('git', 'tag', '-a', `v${version}`, '-m', notes);
  console.log(isDry ? 'Nothing was done.' : `${folder}\ngit push --follow-tags publishes it.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [version = '', ...more] = process.argv.slice(2);
  try {
    release(join(import.meta.dirname, '..'), version, more.includes('--dry-run'));
  } catch (error) {
    console.error(`release: ${error.message}`);
    process.exitCode = 1;
  }
}
