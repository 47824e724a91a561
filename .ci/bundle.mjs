// Puts the built program and the libraries that it uses into a few files, dist/program: Node.js takes longer to find and open seven hundred
// small files than to read these, and starts in half the time. What has a native part stays where it was installed.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = 'dist/program';

rmSync(new URL(`../${outdir}`, import.meta.url), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  // The others are started in threads of their own, by their names beside the first (load-in-thread.ts, make-transports.ts).
  entryPoints: {
    main: 'dist/cli/main.js',
    'load-worker': 'dist/config/load-worker.js',
    'module-worker': 'dist/transport/module/module-worker.js',
  },
  outdir,
  bundle: true,
  splitting: true, // commands load what they need
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['classic-level', 'serialport'],
  // Libraries in CommonJS ask for modules of Node.js by `require`.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);",
  },
  // The source of a program stays in memory as long as it runs: without comments and indentation it is two thirds as long, and without the one
  // character in a comment that is not ASCII each takes one octet in place of two.
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'eof',
  logLevel: 'warning',
});
