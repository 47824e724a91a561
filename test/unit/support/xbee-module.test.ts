import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';
import { XBeeModule } from '../../support/xbee-module.ts';
import type { XBeeModuleOptions } from '../../support/xbee-module-options.ts';
import { GatewaySide } from './gateway-side.ts';

const TX_DATA = '54 78 44 61 74 61';

/** 0x10 to 0013A200400A0127, frame id 1, "TxData0A", without and with escapes. */
const ZIGBEE_REQUEST = '7e 00 16 10 01 00 13 a2 00 40 0a 01 27 ff fe 00 00 54 78 44 61 74 61 30 41 13';
const ZIGBEE_REQUEST_ESCAPED = '7e 00 16 10 01 00 7d 33 a2 00 40 0a 01 27 ff fe 00 00 54 78 44 61 74 61 30 41 7d 33';
const ZIGBEE_NODE = { address64: '0013a200400a0127', address16: '7d84' };

/** A question about AP, which every module answers at once. */
const AP = '7e 00 04 08 ff 41 50 67';

describe('an XBee module made of software', () => {
  let module: XBeeModule;
  let gateway: GatewaySide;

  async function open(options: XBeeModuleOptions): Promise<void> {
    module = await XBeeModule.open(options);
    gateway = await GatewaySide.open(module.path);
  }

  async function expectOctets(octets: string): Promise<void> {
    expect(await gateway.read(octets.split(' ').length)).toBe(octets);
  }

  /** So many octets have come to the module, whatever it makes of them. */
  function moduleHears(octets: number): Promise<void> {
    return new Promise((resolve) => {
      let missing = octets;
      module.terminal.onOctets((came) => {
        missing -= came.length;
        if (missing <= 0) {
          resolve();
        }
      });
    });
  }

  /** Nothing else has come: the answer to a question is the very next thing. */
  async function expectNothingElse(apMode: 1 | 2 = 1): Promise<void> {
    gateway.write(AP);
    await expectOctets(apMode === 1 ? '7e 00 06 88 ff 41 50 00 01 e6' : '7e 00 06 88 ff 41 50 00 02 e5');
  }

  afterEach(async () => {
    await gateway.close();
    await module.close();
  });

  describe('with Zigbee firmware', () => {
    it("delivers the guide's transmit request and answers with the guide's transmit status", async () => {
      await open({ nodes: [ZIGBEE_NODE] });
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 07 8b 01 7d 84 00 00 01 71');
      expect(hexOf(await module.node().received.nth(1))).toBe('54 78 44 61 74 61 30 41');
      expect(module.requests.items).toEqual([
        {
          frameType: 0x10,
          frameId: 1,
          dest64: '0013a200400a0127',
          dest16: 'fffe',
          radius: 0,
          options: 0,
          data: octetsOf('54 78 44 61 74 61 30 41'),
        },
      ]);
      expect(module.violations).toEqual([]);
    });

    it('takes and gives escaped octets in API mode 2', async () => {
      await open({ apiMode: 2, nodes: [ZIGBEE_NODE] });
      gateway.write(ZIGBEE_REQUEST_ESCAPED);
      await expectOctets('7e 00 07 8b 01 7d 5d 84 00 00 01 71');
      module.node().send(octetsOf('11 13 7e 7d'));
      await expectOctets('7e 00 10 90 00 7d 33 a2 00 40 0a 01 27 7d 5d 84 01 7d 31 7d 33 7d 5e 7d 5d 27');
      expect(module.violations).toEqual([]);
    });

    it("reports a received frame as in the guide's example", async () => {
      await open({ nodes: [{ address64: '0013A20040522BAA', address16: '7D84' }] });
      module.node().send(Buffer.from('RxData'));
      await expectOctets('7e 00 12 90 00 13 a2 00 40 52 2b aa 7d 84 01 52 78 44 61 74 61 0d');
    });

    it('reports endpoints, cluster and profile where it is told to', async () => {
      await open({ explicitReceive: true, nodes: [{ address64: '0013a20040522baa', address16: '7d84' }] });
      module.node().send(Buffer.from('RxData'), { broadcast: true });
      await expectOctets('7e 00 18 91 00 13 a2 00 40 52 2b aa 7d 84 e8 e8 00 11 c1 05 02 52 78 44 61 74 61 64');
    });

    it('reports the name of a node as another cluster where it is told to report clusters', async () => {
      await open({ explicitReceive: true, nodes: [{ address64: '0013a20040522baa', address16: '7d84' }] });
      module.nodeIdentification(module.node(), 'N');
      await expectOctets(
        '7e 00 26 91 00 13 a2 00 40 52 2b aa 7d 84 e8 e8 00 95 c1 05 02 7d 84 00 13 a2 00 40 52 2b aa 4e 00 ff fe 01 01 c1 05 10 1e c6',
      );
    });

    it('finds a node whose 16-bit address in the request is wrong, and says where', async () => {
      await open({ nodes: [ZIGBEE_NODE] });
      module.node().moveTo16('1234');
      gateway.write('7e 00 0f 10 02 00 13 a2 00 40 0a 01 27 7d 84 00 00 58 6d');
      await expectOctets('7e 00 07 8b 02 12 34 00 00 01 2b');
      gateway.write('7e 00 0f 10 03 00 13 a2 00 40 0a 01 27 12 34 00 00 58 27');
      await expectOctets('7e 00 07 8b 03 12 34 00 00 00 2b');
    });

    it('tells why a frame could not be delivered', async () => {
      await open({ nodes: [ZIGBEE_NODE], deadNodeDelay: 1, maxPayload: 8 });
      module.air.loss = 1;
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 07 8b 01 ff fd 00 21 00 56');
      module.air.loss = 0;
      module.node().on = false;
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 07 8b 01 ff fd 00 21 00 56');
      gateway.write('7e 00 0f 10 02 00 13 a2 00 40 0a 01 28 ff fe 00 00 58 70');
      await expectOctets('7e 00 07 8b 02 ff fd 00 24 00 52');
      gateway.write('7e 00 17 10 03 00 13 a2 00 40 0a 01 27 ff fe 00 00 58 58 58 58 58 58 58 58 58 b0');
      await expectOctets('7e 00 07 8b 03 ff fd 00 74 00 01');
      expect(module.node().received.items).toEqual([]);
      expect(module.violations).toEqual([]);
    });

    it('sends a broadcast to the nodes within its radius', async () => {
      await open({ nodes: [{ hops: 1 }, { hops: 2 }, { hops: 3 }] });
      gateway.write('7e 00 0f 10 01 00 00 00 00 00 00 ff ff ff fe 02 00 58 99');
      await expectOctets('7e 00 07 8b 01 ff fe 00 00 00 76');
      await module.node(0).received.nth(1);
      await module.node(1).received.nth(1);
      expect(module.node(2).received.items).toEqual([]);
    });

    it('answers questions about itself, and other questions with "invalid command"', async () => {
      await open({ apiMode: 1 });
      gateway.write('7e 00 04 08 01 4e 50 58');
      await expectOctets('7e 00 07 88 01 4e 50 00 00 54 84');
      gateway.write('7e 00 04 08 52 4e 4a 0d');
      await expectOctets('7e 00 05 88 52 4e 4a 02 8b');
      gateway.write('7e 00 04 08 00 4e 50 59');
      await expectNothingElse();
      expect(module.commands.items).toEqual(['NP', 'NJ', 'NP', 'AP']);
    });

    it('loses everything unfinished with a reset, and is without a network until it has started again', async () => {
      await open({ nodes: [ZIGBEE_NODE], delay: [60_000, 60_000], joinDelay: 1_000 });
      gateway.write(ZIGBEE_REQUEST);
      await module.requests.nth(1);
      expect(module.inFlight.now).toBe(1);
      const back = module.reset();
      await expectOctets('7e 00 02 8a 00 75');
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 07 8b 01 ff fd 00 22 00 55');
      await back;
      await expectOctets('7e 00 02 8a 06 6f');
      await expectNothingElse();
    });

    it('gives no status where none is wanted, or where it is made to lose it', async () => {
      await open({ nodes: [ZIGBEE_NODE], statusLoss: 1 });
      gateway.write('7e 00 0f 10 00 00 13 a2 00 40 0a 01 27 ff fe 00 00 58 73');
      gateway.write(ZIGBEE_REQUEST);
      await module.node().received.nth(2);
      await expectNothingElse();
    });

    it('says that a delivered frame failed when the acknowledgement is lost, and refuses when it is told to', async () => {
      await open({ nodes: [ZIGBEE_NODE], ackLoss: 1 });
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 07 8b 01 ff fd 00 21 00 56');
      await module.node().received.nth(1);
      module.air.ackLoss = 0;
      module.refuse(0x32);
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 07 8b 01 ff fd 00 32 00 45');
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 07 8b 01 7d 84 00 00 01 71');
      expect(module.node().received.items).toHaveLength(2);
    });

    it('lets the answer of a node overtake the transmit status when it is told to', async () => {
      await open({ nodes: [ZIGBEE_NODE], statusDelay: 50 });
      module.node().onFrame(() => module.node().send(octetsOf('58')));
      gateway.write(ZIGBEE_REQUEST);
      await expectOctets('7e 00 0d 90 00 13 a2 00 40 0a 01 27 7d 84 01 58 ee 7e 00 07 8b 01 7d 84 00 00 01 71');
    });

    it('keeps the frames of a node in their order, however long each one travels', async () => {
      await open({ nodes: [ZIGBEE_NODE], delay: [0, 10] });
      const reports: string[] = [];
      for (let data = 0; data < 20; data += 1) {
        module.node().send(Uint8Array.of(data));
        reports.push(`7e 00 0d 90 00 13 a2 00 40 0a 01 27 7d 84 01 ${hexOf(Uint8Array.of(data, 0x46 - data))}`);
      }
      await expectOctets(reports.join(' '));
    });

    it('reports frames twice, garbled or not at all when it is told to', async () => {
      await open({ nodes: [ZIGBEE_NODE], duplicates: 1 });
      const report = '7e 00 0d 90 00 13 a2 00 40 0a 01 27 7d 84 01 58 ee';
      module.node().send(octetsOf('58'));
      await expectOctets(`${report} ${report}`);
      module.air.duplicates = 0;
      module.garble(2);
      module.node().send(octetsOf('58'));
      await expectOctets(report);
      module.node().send(octetsOf('58'));
      expect(await gateway.read(17)).not.toBe(report);
      module.garble(0);
      module.silent = true;
      const question = '7e 00 04 08 01 4e 50 58';
      const heard = moduleHears(octetsOf(question).length);
      gateway.write(question);
      module.node().send(octetsOf('58'));
      module.injectOctets(octetsOf('aa'));
      await expectOctets('aa');
      await heard; // else it would come when the module listens again
      module.silent = false;
      await expectNothingElse();
    });
  });

  it("speaks DigiMesh as in the guide's examples", async () => {
    await open({ firmware: 'digimesh', nodes: [{ address64: '0013a20041aeb54e' }, { address64: '0013a200407402ac' }] });
    gateway.write('7e 00 0f 10 47 00 13 a2 00 41 ae b5 4e ff fe 00 00 58 ac');
    await expectOctets('7e 00 07 8b 47 ff fe 00 00 02 2e');
    module.node().send(Buffer.from('TxData'));
    await expectOctets('7e 00 12 90 00 13 a2 00 41 ae b5 4e ff fe c1 54 78 44 61 74 61 c4');
    module.nodeIdentification(module.node(1), ' ', octetsOf('00 0c 00 00 2e'));
    await expectOctets(
      '7e 00 25 95 00 13 a2 00 40 74 02 ac ff fe c2 ff fe 00 13 a2 00 40 74 02 ac 20 00 ff fe 01 01 c1 05 10 1e 00 0c 00 00 2e 33',
    );
    expect(module.violations).toEqual([]);
  });

  it("speaks 802.15.4 as in the guide's examples", async () => {
    await open({
      firmware: '802.15.4',
      nodes: [
        { address64: '0013a2004052c507', rssi: 0x5e },
        { address16: '1234', rssi: 0x5e },
      ],
    });
    gateway.write(`7e 00 11 00 01 00 13 a2 00 40 52 c5 07 00 ${TX_DATA} a5`);
    await expectOctets('7e 00 03 89 01 00 75');
    gateway.write(`7e 00 0b 01 87 12 34 00 ${TX_DATA} eb`);
    await expectOctets('7e 00 03 89 87 00 ef');
    expect(hexOf(await module.node(0).received.nth(1))).toBe(TX_DATA);
    expect(hexOf(await module.node(1).received.nth(1))).toBe(TX_DATA);
    module.node(0).send(octetsOf(TX_DATA));
    await expectOctets(`7e 00 11 80 00 13 a2 00 40 52 c5 07 5e 00 ${TX_DATA} c8`);
    module.node(1).send(octetsOf(TX_DATA));
    await expectOctets(`7e 00 0b 81 12 34 5e 00 ${TX_DATA} 94`);
    gateway.write('7e 00 04 08 01 4e 50 58');
    await expectOctets('7e 00 05 88 01 4e 50 02 d6');
    expect(module.violations).toEqual([]);
  });

  describe('puts down', () => {
    it('octets that are not escaped, and frames that end too early', async () => {
      await open({ apiMode: 2, nodes: [ZIGBEE_NODE] });
      gateway.write('7e 00 16 10 01 00 13');
      await eventually('a violation', () => module.violations.length > 0);
      gateway.write(`7e 00 16 10 01 ${ZIGBEE_REQUEST_ESCAPED}`);
      await expectOctets('7e 00 07 8b 01 7d 5d 84 00 00 01 71');
      expect(module.violations).toEqual([
        'octet 0x13 is not escaped',
        'a frame is cut off by the next one after 4 octets',
      ]);
    });

    it('a wrong checksum, a wrong frame type, options without a meaning', async () => {
      await open({ nodes: [ZIGBEE_NODE] });
      gateway.write(ZIGBEE_REQUEST.replace(/13$/, '14'));
      gateway.write(`7e 00 11 00 01 00 13 a2 00 40 52 c5 07 00 ${TX_DATA} a5`);
      gateway.write('7e 00 0f 10 00 00 13 a2 00 40 0a 01 27 ff fe 00 04 58 6f');
      await module.node().received.nth(1);
      expect(module.violations).toEqual([
        'checksum 0x14 in place of 0x13',
        'frame type 0x00 is nothing for the firmware zigbee',
        'transmit options 0x04 have bits that the firmware zigbee does not know',
      ]);
    });

    it('a frame id that is used again too early, and how much is in flight', async () => {
      await open({ nodes: [ZIGBEE_NODE, {}], delay: [60_000, 60_000] });
      gateway.write(ZIGBEE_REQUEST);
      gateway.write(ZIGBEE_REQUEST);
      await module.requests.nth(2);
      expect(module.violations).toEqual(['frame id 1 is used again while its request is unfinished']);
      expect([
        module.inFlight.now,
        module.inFlight.most,
        module.inFlight.mostToOneNode,
        module.inFlight.overlaps,
      ]).toEqual([2, 2, 2, 1]);
    });
  });

  it("carries a client's frames by way of a node", async () => {
    await open({ nodes: [ZIGBEE_NODE] });
    const transport = module.node().clientTransport();
    const heard: string[] = [];
    const alsoHeard: string[] = [];
    transport.onFrame((frame) => heard.push(hexOf(frame)));
    const leave = module.node().onFrame((frame) => alsoHeard.push(hexOf(frame)));
    await transport.open();
    transport.send(octetsOf('58'));
    await expectOctets('7e 00 0d 90 00 13 a2 00 40 0a 01 27 7d 84 01 58 ee');
    gateway.write(ZIGBEE_REQUEST);
    await eventually('both listeners', () => heard.length === 1 && alsoHeard.length === 1);
    leave();
    await transport.close();
    gateway.write(ZIGBEE_REQUEST);
    await module.node().received.nth(2);
    expect([heard, alsoHeard]).toEqual([['54 78 44 61 74 61 30 41'], ['54 78 44 61 74 61 30 41']]);
  });
});
