import { describe, expect, it } from '@jest/globals';
import { explainPortLoss, explainPortProblem, isAbsence } from '../../../../src/transport/line/port-problem.ts';

const LINE = 'tcp://192.168.1.20:3333';

describe('what is said of a line over the network', () => {
  it.each([
    ['ECONNREFUSED', /^cannot connect to tcp:\/\/192\.168\.1\.20:3333: nothing listens there; is ser2net/],
    ['ETIMEDOUT', /the host does not answer; is it switched on/],
    ['EHOSTUNREACH', /the host does not answer/],
    ['ENOTFOUND', /the name of the host is not known/],
    ['EPIPE', /: broken pipe; it is tried again$/],
  ])('names what %s means for it', (code, words) => {
    expect(explainPortProblem(LINE, code, 'broken pipe')).toMatch(words);
  });

  it('has the code where there are no words (several addresses, each with its own failure)', () => {
    expect(explainPortProblem(LINE, 'ECONNABORTED', '')).toBe(
      `cannot connect to ${LINE}: ECONNABORTED; it is tried again`,
    );
  });

  it('speaks of no plug', () => {
    expect(explainPortLoss(LINE, 'read ECONNRESET')).toBe(
      `${LINE} is gone: read ECONNRESET; it is connected again as soon as that is possible`,
    );
    expect(explainPortLoss('/dev/ttyUSB0', 'Input/output error')).toContain('unplugged?');
  });

  it('knows which codes are no news of a line that was lost', () => {
    expect(['ENOENT', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH'].every(isAbsence)).toBe(true);
    expect(['EACCES', 'EBUSY', 'ENOTTY', 'ENOTFOUND'].some(isAbsence)).toBe(false);
  });
});
