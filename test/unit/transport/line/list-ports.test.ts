import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { listPorts } from '../../../../src/transport/line/list-ports.ts';

let dev: string;

beforeEach(async () => {
  dev = await mkdtemp(join(tmpdir(), 'dev-'));
  for (const name of ['ttyUSB10', 'ttyUSB2', 'ttyACM0', 'ttyAMA0', 'ttyS0', 'tty1', 'null']) {
    await writeFile(join(dev, name), '');
  }
  await mkdir(join(dev, 'serial', 'by-id'), { recursive: true });
  await symlink('../../ttyUSB2', join(dev, 'serial', 'by-id', 'usb-FTDI_FT232R_A50285BI-if00-port0'));
});

afterEach(async () => {
  await rm(dev, { recursive: true });
});

describe('the list of serial ports', () => {
  it('has maker, serial number and the name that stays, by path', async () => {
    const list = async () => [
      { path: join(dev, 'ttyUSB10'), manufacturer: 'Arduino', serialNumber: '75330', id: undefined },
      { path: join(dev, 'ttyUSB2'), manufacturer: 'FTDI', serialNumber: 'A50285BI', id: undefined },
    ];
    expect(await listPorts({ dev, list })).toEqual([
      {
        ...{ path: join(dev, 'ttyUSB2'), manufacturer: 'FTDI', serialNumber: 'A50285BI' },
        stablePath: join(dev, 'serial', 'by-id', 'usb-FTDI_FT232R_A50285BI-if00-port0'),
      },
      { path: join(dev, 'ttyUSB10'), manufacturer: 'Arduino', serialNumber: '75330', stablePath: undefined },
    ]);
  });

  it('goes by the names of the devices where the operating system has no list (spawn udevadm ENOENT)', async () => {
    const list = async () => {
      throw new Error('spawn udevadm ENOENT');
    };
    const paths = (await listPorts({ dev, list })).map(({ path, stablePath }) => [
      path.slice(dev.length),
      stablePath !== undefined,
    ]);
    expect(paths).toEqual([
      ['/ttyACM0', false],
      ['/ttyAMA0', false],
      ['/ttyUSB2', true],
      ['/ttyUSB10', false],
    ]);
  });

  it('is empty where there is no folder of devices', async () => {
    expect(await listPorts({ dev: join(dev, 'none'), list: async () => [] })).toEqual([]);
  });
});
