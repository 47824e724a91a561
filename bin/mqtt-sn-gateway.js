#!/usr/bin/env node
// Looks at what is there before anything modern is loaded: this file is read by every Node.js, however old (ES2015, CommonJS).
const needed = require('../package.json').engines.node.replace('>=', '');
const found = process.versions.node;
const program = '../dist/program/main.js';

/** Whether a version, such as 20.19.3, is at least the other one, such as 20.19. */
function isAtLeast(version, other) {
  const numbers = version.split('.').map(Number);
  const least = other.split('.').map(Number);
  return numbers[0] > least[0] || (numbers[0] === least[0] && numbers[1] >= least[1]);
}

function isThere(file) {
  try {
    return require.resolve(file) !== '';
  } catch (_) {
    return false;
  }
}

function giveUp(why) {
  process.exitCode = 1;
  console.error(`mqtt-sn-gateway: ${why}`);
}

const howToGetNode =
  'On a Raspberry Pi: curl -fsSL https://deb.nodesource.com/setup_22.x | sudo -E bash - && sudo apt-get install -y nodejs';
const howToBuild =
  'Where the development packages are there too: npm run build. Else install the packed gateway, see docs/raspberry-pi.md';

if (!isAtLeast(found, needed)) {
  giveUp(`Node.js ${needed} or newer is needed, this is ${found}. ${howToGetNode}`);
} else if (!isThere(program)) {
  giveUp(`dist, the built program, is missing. ${howToBuild}`);
} else {
  require('./start.js')(program);
}
