import { describe, expect, it } from '@jest/globals';
import { BenchClient, DtlsBench, IDENTITY, KEY } from '../../../support/dtls-bench.ts';

const HOME = '192.0.2.1:5000';
const OTHER = '192.0.2.1:6000';

describe('a handshake (RFC 6347 4.2.4)', () => {
  it('proves the identity of the client, and frames go both ways', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME).connect().say('up');
    expect(client.state).toBe('connected');
    expect(bench.frames).toEqual([
      { link: expect.stringMatching(/^dtls:[0-9a-f]{12}$/), peer: expect.anything(), text: 'up' },
    ]);
    expect(bench.frames[0]?.peer).toEqual({ transport: 'dtls', host: '192.0.2.1', address: HOME, identity: IDENTITY });
    expect(bench.server.send(bench.frames[0]?.link ?? '', Buffer.from('down'))).toBe(true);
    client.exchange();
    expect(client.heard).toEqual(['down']);
  });

  it.each([
    'TLS_PSK_WITH_AES_128_GCM_SHA256',
    'TLS_PSK_WITH_AES_256_GCM_SHA384',
    'TLS_PSK_WITH_AES_128_CCM',
    'TLS_PSK_WITH_AES_128_CCM_8',
    'TLS_PSK_WITH_CHACHA20_POLY1305_SHA256',
    'TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256',
  ])('is made with %s where the settings allow no other one', (suite) => {
    const bench = new DtlsBench({ suites: [suite] });
    expect(new BenchClient(bench, HOME).connect().say('up').state).toBe('connected');
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'association-opened', suite }));
    expect(bench.frames.map(({ text }) => text)).toEqual(['up']);
  });

  it('remembers nothing of whoever has not shown where it is, and sends no more than it got', () => {
    const bench = new DtlsBench();
    for (let port = 1; port <= 1_000; port++) {
      const client = new BenchClient(bench, `192.0.2.1:${port}`);
      client.client.start(bench.now);
      const [hello = new Uint8Array(0)] = client.sent;
      const answers = bench.deliver(client.address, hello);
      expect(answers).toHaveLength(1);
      expect(answers[0]?.length).toBeLessThan(hello.length);
    }
    expect(bench.server.sizes).toEqual({ associations: 0, handshakes: 0 });
    expect(bench.server.nextDeadline).toBeUndefined();
  });

  it('takes a cookie only from the address to which it was given, and for two minutes at most', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME);
    client.client.start(bench.now);
    const [first = new Uint8Array(0)] = client.sent;
    const [request = new Uint8Array(0)] = bench.deliver(HOME, first);
    client.client.receive(request, bench.now);
    const hello = client.sent.at(-1) ?? new Uint8Array(0);
    expect(bench.deliver(OTHER, hello)[0]?.[13]).toBe(3); // HelloVerifyRequest
    expect(bench.server.sizes.handshakes).toBe(0);
    bench.pass(121_000);
    expect(bench.deliver(HOME, hello)[0]?.[13]).toBe(3);
    expect(bench.server.sizes.handshakes).toBe(0);
  });

  it('drops a ClientHello in fragments, which it would have to remember', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME);
    client.client.start(bench.now);
    const part = Uint8Array.from(client.sent[0] ?? []);
    part[24] = (part[24] ?? 0) - 10; // length of the fragment
    const shorter = part.slice(0, -10);
    shorter[12] = (shorter[12] ?? 0) - 10;
    expect(bench.deliver(HOME, shorter)).toEqual([]);
    expect(bench.story).toEqual(['record-dropped: malformed']);
  });

  it('sends its flight again when nothing comes: after 1, 2, 4 seconds (RFC 6347 4.2.4.1), and gives up', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME);
    client.filter = (datagram) => client.sent.indexOf(datagram) < 2; // both ClientHellos
    client.connect();
    const times: number[] = [];
    const begin = bench.now;
    for (let second = 1; second <= 70; second++) {
      bench.pass(1_000);
      times.push(...bench.take(HOME).map(() => (bench.now - begin) / 1_000));
    }
    expect(times).toEqual([1, 3, 7, 15, 31]);
    expect(bench.story).toEqual(['handshake-failed: timeout']);
    expect(bench.server.sizes.handshakes).toBe(0);
  });

  it('says nothing to a wrong key, and nothing else to an identity that nobody has', () => {
    const shapes = [
      { identity: IDENTITY, key: new Uint8Array(16).fill(1) },
      { identity: 'meter 8', key: KEY },
    ].map((credentials) => {
      const bench = new DtlsBench({ suites: ['TLS_PSK_WITH_AES_128_GCM_SHA256'] });
      const client = new BenchClient(bench, HOME, credentials);
      const said: string[] = [];
      const { receive } = client.client;
      client.client.receive = (datagram, now) => {
        said.push(`${now}: ${datagram.length} octets`);
        receive.call(client.client, datagram, now);
      };
      client.connect();
      for (let second = 0; second < 70; second++) {
        bench.pass(1_000);
        client.client.tick(bench.now);
        client.exchange();
      }
      expect(client.state).toBe('unanswered');
      return { said, story: bench.story, sizes: bench.server.sizes };
    });
    expect(shapes[0]?.said).toEqual(shapes[1]?.said);
    expect(shapes.map(({ story }) => story)).toEqual([
      ['handshake-failed: wrong-key'],
      ['handshake-failed: unknown-identity'],
    ]);
    expect(shapes[0]?.sizes).toEqual({ associations: 0, handshakes: 0 });
  });

  it('says handshake_failure where no suite is common, and remembers nothing', () => {
    const bench = new DtlsBench({ suites: [] });
    expect(new BenchClient(bench, HOME).connect().state).toBe('refused');
    expect(bench.story).toEqual(['handshake-failed: no-common-suite']);
    expect(bench.server.sizes).toEqual({ associations: 0, handshakes: 0 });
  });

  it('goes on where an alert comes meanwhile that closes an association before it', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME);
    client.client.start(bench.now);
    client.client.receive(Buffer.from('15fefd000000000000000000020100', 'hex'), bench.now);
    client.exchange();
    expect(client.state).toBe('connected');
  });

  it('notices that somebody on the path has taken suites out of the ClientHello', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME);
    const weaken = (datagram: Uint8Array): void => {
      const suitesAt = 13 + 12 + 2 + 32 + 1 + 1 + (datagram[60] ?? 0) + 2;
      if (datagram[13] === 1) {
        datagram.set([0x12, 0x34], suitesAt); // the first one, with ECDHE
      }
    };
    client.filter = (datagram) => {
      weaken(datagram);
      return true;
    };
    client.connect();
    expect(client.state).not.toBe('connected');
    expect(bench.server.sizes.associations).toBe(0);
  });
});

describe('an association', () => {
  it('takes each record once, and none that is older than the window (RFC 6347 4.1.2.6)', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME).connect();
    for (let n = 0; n < 100; n++) {
      client.say(`${n}`);
    }
    const records = client.sent.slice(-100);
    for (const record of records) {
      bench.deliver(HOME, record);
    }
    expect(bench.frames.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, n) => `${n}`));
    expect(bench.story.filter((line) => line === 'record-dropped: replayed')).toHaveLength(100);
  });

  it('takes records in any order within the window, and drops what is behind it', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME).connect();
    const begin = client.sent.length;
    client.filter = () => false;
    for (let n = 0; n < 70; n++) {
      client.say(`${n}`);
    }
    for (const record of client.sent.slice(begin).reverse()) {
      bench.deliver(HOME, record);
    }
    expect(bench.frames.map(({ text }) => text)).toEqual(Array.from({ length: 64 }, (_, n) => `${69 - n}`));
  });

  it('drops what was changed on the way, and goes on', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME).connect();
    client.filter = (datagram) => {
      datagram[datagram.length - 1] = (datagram.at(-1) ?? 0) ^ 1;
      return true;
    };
    client.say('changed');
    client.filter = () => true;
    client.say('right');
    expect(bench.frames.map(({ text }) => text)).toEqual(['right']);
    expect(bench.story).toContain('record-dropped: forged');
  });

  it('ends when more records were forged than its suite bears, and its client is told: 128 with the short tag of CCM_8 (RFC 9147 4.5.3)', () => {
    const bench = new DtlsBench({ suites: ['TLS_PSK_WITH_AES_128_CCM_8'] });
    const client = new BenchClient(bench, HOME).connect();
    const forge = (times: number): void => {
      client.filter = (datagram) => {
        datagram[datagram.length - 1] = (datagram.at(-1) ?? 0) ^ 1;
        return true;
      };
      for (let n = 0; n < times; n++) {
        client.say('forged');
      }
      client.filter = () => true;
    };
    forge(128);
    client.say('genuine');
    expect(bench.frames.map(({ text }) => text)).toEqual(['genuine']);
    forge(1);
    expect(bench.story.at(-1)).toBe('association-closed: forged');
    expect(client.state).toBe('closed');
    expect(bench.server.sizes.associations).toBe(0);
  });

  it('bears more of them with a tag of 16 octets', () => {
    const bench = new DtlsBench({ suites: ['TLS_PSK_WITH_AES_128_CCM'] });
    const client = new BenchClient(bench, HOME).connect();
    client.filter = (datagram) => {
      datagram[datagram.length - 1] = (datagram.at(-1) ?? 0) ^ 1;
      return true;
    };
    for (let n = 0; n < 1_000; n++) {
      client.say('forged');
    }
    expect(bench.server.sizes.associations).toBe(1);
  });

  it('is replaced from the same address only when the new client has proven the key', () => {
    const bench = new DtlsBench();
    const old = new BenchClient(bench, HOME).connect().say('one');
    const intruder = new BenchClient(bench, HOME, { identity: IDENTITY, key: new Uint8Array(16) }).connect();
    expect(intruder.state).not.toBe('connected');
    old.say('two');
    const rebooted = new BenchClient(bench, HOME).connect().say('three');
    expect(rebooted.state).toBe('connected');
    old.say('four');
    expect(bench.frames.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'association-closed', reason: 'replaced' }));
    expect(bench.server.sizes.associations).toBe(1);
  });

  it('ends with close_notify, which is answered', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME).connect().say('one');
    client.client.close();
    client.exchange();
    expect(bench.server.sizes.associations).toBe(0);
    expect(bench.story).toContain('association-closed: closed-by-client');
    expect(bench.server.send(bench.frames[0]?.link ?? '', KEY)).toBe(false);
  });

  it('tells its client when the gateway stops', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME).connect().say('one');
    bench.server.close();
    client.exchange();
    expect(client.state).toBe('closed');
  });

  it('ends when its key is gone or another one, and no other one ends', () => {
    const bench = new DtlsBench({
      keys: new Map([
        [IDENTITY, KEY],
        ['meter 8', KEY],
        ['meter 9', KEY],
      ]),
    });
    const clients = [IDENTITY, 'meter 8', 'meter 9'].map((identity, n) =>
      new BenchClient(bench, `192.0.2.1:${n + 1}`, { identity }).connect().say(identity),
    );
    bench.server.changeKeys(
      new Map([
        ['meter 8', KEY],
        ['meter 9', new Uint8Array(16)],
      ]),
    );
    for (const client of clients) {
      client.exchange();
    }
    expect(clients.map(({ state }) => state)).toEqual(['closed', 'connected', 'closed']);
    clients[1]?.say('still here');
    expect(bench.frames.at(-1)?.text).toBe('still here');
  });

  it('is forgotten after the silence that the settings allow, and not before', () => {
    const bench = new DtlsBench({ idle: 3_600_000 });
    const client = new BenchClient(bench, HOME).connect().say('one');
    bench.pass(3_599_000);
    client.say('two');
    bench.pass(3_599_000);
    expect(bench.server.sizes.associations).toBe(1);
    bench.pass(1_001);
    expect(bench.server.sizes.associations).toBe(0);
    expect(bench.story).toContain('association-closed: idle');
  });

  it('gives at most one alert, no larger than the record, to whoever has none', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME).connect().say('one');
    client.say('two');
    const record = client.sent.at(-1) ?? new Uint8Array(0);
    const restarted = new DtlsBench();
    const answers = restarted.deliver(HOME, record);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.length).toBeLessThanOrEqual(record.length);
    const more = Array.from({ length: 1_000 }, () => restarted.deliver(HOME, record)).flat();
    expect(more.length).toBeLessThan(10);
    expect(restarted.frames).toEqual([]);
  });
});

describe('limits', () => {
  it('of handshakes: the oldest goes first', () => {
    const bench = new DtlsBench({ maxHandshakes: 3 });
    const clients = Array.from({ length: 4 }, (_, n) => {
      const client = new BenchClient(bench, `192.0.2.1:${n + 1}`);
      client.filter = (datagram) => client.sent.indexOf(datagram) < 2;
      return client.connect();
    });
    expect(bench.server.sizes.handshakes).toBe(3);
    expect(bench.notes).toEqual([
      expect.objectContaining({ type: 'handshake-failed', reason: 'limit', address: clients[0]?.address }),
    ]);
  });

  it('of associations: whoever has most of them loses the one that has been silent the longest', () => {
    const bench = new DtlsBench({
      maxAssociations: 3,
      keys: new Map([
        [IDENTITY, KEY],
        ['meter 8', KEY],
      ]),
    });
    const quiet = new BenchClient(bench, '192.0.2.9:1', { identity: 'meter 8' }).connect().say('quiet');
    for (let n = 1; n <= 10; n++) {
      bench.pass(1_000);
      new BenchClient(bench, `192.0.2.1:${n}`).connect().say(`${n}`);
    }
    quiet.say('still here');
    expect(bench.frames.at(-1)?.text).toBe('still here');
    expect(bench.server.sizes.associations).toBe(3);
    expect(bench.story.filter((line) => line === 'association-closed: limit')).toHaveLength(8);
  });
});
