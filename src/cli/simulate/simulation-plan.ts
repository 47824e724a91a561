/** From the options of `simulate`, and the file of a profile, to the plan of a simulation. */
import { randomBytes } from 'node:crypto';
import type { ClientTransport } from '../../client/client-transport.ts';
import { DtlsClientTransport } from '../../client/dtls-client-transport.ts';
import { ForwardedClientTransport } from '../../client/forwarded-client-transport.ts';
import { SerialClientTransport } from '../../client/serial-client-transport.ts';
import { UdpClientTransport } from '../../client/udp-client-transport.ts';
import { ConfigError } from '../../config/problem.ts';
import {
  MAX_SENSORS,
  parseSimulationProfile,
  readSimulationProfile,
  type SimulationProfile,
} from '../../config/simulation-profile.ts';
import { gatewayPlace } from '../gateway-options.ts';
import { OptionProblem } from '../option-table.ts';
import { pskKeyIn } from '../psk-key-file.ts';
import { MovingTransport } from './moving-transport.ts';
import { SharedMedium } from './shared-medium.ts';
import type { SimulateArguments } from './simulate-options.ts';
import type { SensorGroup, SimulationPlan } from './simulation.ts';

const SECOND = 1_000;

/** Options that a profile has, too. */
const OF_PROFILE = [
  ...['duration', 'messages', 'ramp', 'interval', 'sleep', 'qos', 'payload', 'topic'],
  ...['loss', 'duplicate', 'delay', 'reboots', 'nat'],
] as const;

const KINDS = ['publisher', 'sleeper', 'subscriber'] as const;

/** A plan, and what is to be done when it is over. */
export interface PlannedSimulation {
  readonly plan: SimulationPlan;
  close(): Promise<void>;
}

/** Throws `OptionProblem` or `ConfigError`. */
export function simulationPlan(values: SimulateArguments): PlannedSimulation {
  const profile = values.profile === undefined ? {} : readSimulationProfile(values.profile);
  const all: SimulationProfile = { ...profile, ...optionsOf(values) };
  const groups = groupsOf(all, values);
  const sensors = groups.reduce((sum, { count }) => sum + count, 0);
  if (sensors > MAX_SENSORS) {
    throw new OptionProblem(`a simulation has at most ${MAX_SENSORS} sensors, not ${sensors}`);
  }
  if (values.serial !== undefined && groups.some(({ nat }) => nat !== undefined)) {
    throw new OptionProblem('a serial line has no addresses that could change: leave --nat away');
  }
  const { radio, close } = radios(values, sensors);
  return {
    close,
    plan: {
      groups,
      radio,
      duration: all.duration ?? 60 * SECOND,
      messages: all.messages ?? Number.POSITIVE_INFINITY,
      ramp: all.ramp ?? 0,
      idPrefix: values['id-prefix'] ?? `sim-${randomBytes(2).toString('hex')}-`,
      seed: values.seed ?? randomBytes(4).readUInt32LE(),
      retry: {
        retryInterval: values['retry-interval'] * SECOND,
        retryCount: values['retry-count'],
        keepAlive: values.keepalive,
      },
    },
  };
}

/** The options as a profile has them. Throws `OptionProblem`. */
function optionsOf(values: SimulateArguments): SimulationProfile {
  const written = OF_PROFILE.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
  try {
    return parseSimulationProfile(JSON.stringify(Object.fromEntries(written)), 'command line');
  } catch (error) {
    const [problem] = error instanceof ConfigError ? error.problems : [];
    throw problem === undefined ? error : new OptionProblem(`--${problem.path}: ${problem.message}`);
  }
}

function groupsOf(all: SimulationProfile, values: SimulateArguments): SensorGroup[] {
  const asked = KINDS.flatMap((kind) => {
    const count = values[`${kind}s`] ?? 0;
    return count > 0 ? [{ kind, count }] : [];
  });
  const written = [...(all.sensors ?? []), ...asked];
  if (written.length === 0 && KINDS.some((kind) => values[`${kind}s`] === 0)) {
    throw new OptionProblem('no sensor is left to simulate: add --publishers, --sleepers or --subscribers');
  }
  const groups = written.length > 0 ? written : [{ kind: 'publisher' as const, count: 10 }];
  return groups.map((own) => {
    const { sensors: _sensors, duration: _duration, messages: _messages, ramp: _ramp, ...shared } = all;
    // What a group says counts more than what all have.
    const group = { ...shared, ...own };
    return {
      ...{ kind: group.kind, count: group.count, topic: group.topic ?? 'sim/%c/value' },
      ...{ qos: group.qos ?? 1, payload: group.payload ?? 20, interval: group.interval ?? 10 * SECOND },
      sleep: Math.ceil((group.sleep ?? 30 * SECOND) / SECOND),
      faults: { loss: group.loss ?? 0, duplicate: group.duplicate ?? 0, delay: group.delay ?? 0 },
      ...{ reboots: group.reboots, nat: group.nat },
    };
  });
}

/** How sensors speak to the gateway: each over a socket of its own, or all over one line as nodes behind a forwarder. */
function radios(
  values: SimulateArguments,
  sensors: number,
): Pick<PlannedSimulation, 'close'> & Pick<SimulationPlan, 'radio'> {
  const { dtls, cport, wlnid, fe } = values;
  if (cport !== undefined || wlnid !== undefined) {
    throw new OptionProblem(`each sensor has its own: leave --${cport === undefined ? 'wlnid' : 'cport'} away`);
  }
  const { 'psk-identity': identity, 'psk-file': keyFile } = values;
  // Whoever is none of the sensors comes as the first of them.
  const identityOf = (number: number): string | undefined =>
    identity?.replaceAll('%n', String((number < sensors ? number : 0) + 1));
  // Says what is wrong with the options; what it makes is used where there is a line.
  const place = { ...values, url: undefined, fe: false, 'psk-identity': identityOf(0) };
  const { host, port, transport } = gatewayPlace(place);
  const isForwarded = fe || (values.serial !== undefined && sensors > 1);
  const nodeId = (number: number): Uint8Array => Buffer.from([(number + 1) >> 8, (number + 1) & 0xff]);
  if (transport instanceof SerialClientTransport) {
    const line = new SharedMedium(transport);
    return {
      close: () => line.close(),
      radio: (number, disturbed) => {
        const part = disturbed(line.part());
        return { transport: isForwarded ? new ForwardedClientTransport(part, nodeId(number)) : part };
      },
    };
  }
  const keys = new Map<string, Uint8Array>();
  const secured = (medium: ClientTransport, number: number): ClientTransport => {
    const own = identityOf(number);
    if (!dtls || own === undefined || keyFile === undefined) {
      return medium;
    }
    const key = keys.get(own) ?? pskKeyIn(keyFile, own);
    keys.set(own, key);
    return new DtlsClientTransport({ host, port, identity: own, key, medium });
  };
  return {
    close: async () => undefined,
    radio: (number, disturbed) => {
      const moving = new MovingTransport(() => new UdpClientTransport({ host, port }));
      const medium = secured(disturbed(moving), number);
      return {
        transport: isForwarded ? new ForwardedClientTransport(medium, nodeId(number)) : medium,
        move: () => moving.move(),
      };
    },
  };
}
