// Builds mqtt-sn-gateway_<version>_all.deb from the built gateway, in the folder that is named or in this one. `npm run deb` builds first.
// `--fast` leaves out compression.
// One package for arm64, armhf and amd64: what is native is in it for all three.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const [target = root] = process.argv.slice(2).filter((word) => word !== '--fast');
const destination = resolve(target);
const compression = process.argv.includes('--fast') ? '-Znone' : '-Zxz';
const { name, version, description, engines, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [summary = '', ...more] = description.split(': ');
/** The broker of a site is a service of its own; the embedded one is for a first try. */
const BROKER = {
  from: /^ {2}# url: (mqtt:\/\/localhost:1883).*$/m,
  to: '  url: mqtt://localhost:1883 # mqtts:, ws: and wss: work too',
};

/** What is beside the settings in a clone is elsewhere here. */
const PLACES = [
  ['Runs as it is: mqtt-sn-gateway --config config/gateway.yaml', `Runs as it is, as the service ${name}.`],
  ['The reference is README.md beside this file.', `The reference is /usr/lib/${name}/config/README.md.`],
  [': docs/status-topics.md', `: /usr/share/doc/${name}/docs/status-topics.md`],
  [': docs/tools.md', `: /usr/share/doc/${name}/docs/tools.md`],
];

/** The settings of the package. Throws where the file has other words than those that are to be replaced. */
function settingsOfPackage(settings) {
  for (const [from] of PLACES) {
    if (!settings.includes(from)) {
      throw new Error(`config/gateway.yaml has no "${from}": .ci/deb.mjs says something else in its place`);
    }
  }
  return PLACES.reduce((text, [from, to]) => text.replace(from, to), settings);
}

const workplace = mkdtempSync(join(tmpdir(), 'deb-'));
const stage = join(workplace, 'stage');
try {
  const folder = (path) => {
    mkdirSync(join(stage, path), { recursive: true, mode: 0o755 });
    return join(stage, path);
  };
  const program = folder(`usr/lib/${name}`);
  execFileSync(process.execPath, [join(root, '.ci', 'pack.mjs'), workplace], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const packed = join(workplace, `${name}-${version}.tgz`);
  execFileSync('tar', ['-xzf', packed, '--strip-components=1', '-C', program]);
  symlinkSync(`../lib/${name}/bin/${name}.js`, join(folder('usr/bin'), name));
  chmodSync(join(program, 'bin', `${name}.js`), 0o755);

  const settings = readFileSync(join(root, 'config', 'gateway.yaml'), 'utf8');
  if (!BROKER.from.test(settings)) {
    throw new Error(
      'config/gateway.yaml has no line "# url: mqtt://localhost:1883" under upstream: .ci/deb.mjs puts the broker there',
    );
  }
  const etc = folder(`etc/${name}`);
  const schema = `# yaml-language-server: $schema=/usr/lib/${name}/config/gateway.schema.json`;
  writeFileSync(
    join(etc, 'gateway.yaml'),
    settingsOfPackage(settings)
      .replace(BROKER.from, BROKER.to)
      .replace(/^# yaml-language-server: .*$/m, schema),
  );
  copyFileSync(join(root, 'config', 'predefined-topics.yaml'), join(etc, 'predefined-topics.yaml'));
  copyFileSync(
    join(root, 'config', 'systemd', `${name}.service`),
    join(folder('usr/lib/systemd/system'), `${name}.service`),
  );
  const documents = folder(`usr/share/doc/${name}`);
  for (const file of ['README.md', 'SECURITY.md', 'docs']) {
    cpSync(join(root, file), join(documents, file), { recursive: true });
  }
  // Documents link to settings and their reference as in a clone.
  symlinkSync(`../../../lib/${name}/config`, join(documents, 'config'));
  copyFileSync(join(root, 'LICENSE'), join(documents, 'copyright'));
  writeFileSync(join(documents, 'changelog.gz'), gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }));

  const control = folder('DEBIAN');
  const size = execFileSync('du', ['-sk', '--exclude=DEBIAN', stage], { encoding: 'utf8' }).split('\t')[0];
  const fields = {
    Package: name,
    Version: version,
    Architecture: 'all',
    Maintainer: `The maintainers of ${name} <${name}@localhost>`,
    'Installed-Size': size,
    Depends: `nodejs (${engines.node.replace('>=', '>= ')}), adduser`,
    Recommends: 'systemd',
    Suggests: 'mosquitto, mosquitto-clients',
    Section: 'net',
    Priority: 'optional',
    ...(homepage === undefined ? {} : { Homepage: homepage }),
    Description: `${summary}\n ${more.join(': ')}.`,
  };
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(join(control, 'control'), lines.join(''));
  // Upgrades keep what was changed in them.
  writeFileSync(join(control, 'conffiles'), `/etc/${name}/gateway.yaml\n/etc/${name}/predefined-topics.yaml\n`);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(join(root, 'config', 'debian', script), join(control, script));
    chmodSync(join(control, script), 0o755);
  }
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', stage]);

  const file = join(destination, `${name}_${version}_all.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', compression, '--build', stage, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  console.log(`${file}, ${(statSync(file).size / 1e6).toFixed(1)} MB\nsudo apt install ./${basename(file)}`);
} finally {
  rmSync(workplace, { recursive: true });
}
