const { default: Sequencer } = require('@jest/test-sequencer');

/** Folders and files whose tests wait for processes that start and for real time, the longest first. */
const WAITING = [
  /\/integration\/store-and-broker\/restart/,
  /\/integration\/transports\/xbee-lossy/,
  /\/integration\/(program|store-and-broker|brokers|page)\/|\/(crash|chaos|model)\//,
  /\/integration\//,
];

/**
 * The order in which test files are begun: those that take long come first also where jest does not remember how long they took, so that
 * none of them is left over at the end, with all workers but one idle.
 */
class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = WAITING.findIndex((pattern) => pattern.test(path));
      return found === -1 ? WAITING.length : found;
    };
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}

module.exports = LongestFirst;
