import { spawnSync } from 'node:child_process';
import { installedVersion, isAvailable } from '../../support/debian-package.ts';
import { Ejabberd } from '../../support/ejabberd.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { RabbitMq } from '../../support/rabbitmq.ts';
import { SERVER_PATH } from '../../support/server-process.ts';

/** A broker that runs. */
export interface RunningBroker {
  /** Of its MQTT listener on 127.0.0.1. */
  readonly port: number;
  dispose(): Promise<void>;
}

export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/**
 * What becomes of QoS 2. `exactly-once`: all of it. `taken-as-1`: a publish is acknowledged with PUBACK, a subscription is granted QoS 1.
 * `refused`: the broker says that its Maximum QoS is 1, and a subscription is granted that.
 */
export type Qos2 = 'exactly-once' | 'taken-as-1' | 'refused';

/** A broker that every behaviour is shown with; what it does in its own way is all that is said of it. */
export interface BrokerKind {
  readonly name: string;
  /** The package of Debian that brings it. */
  readonly debianPackage: string;
  /** Which one is here, `3.10.8`; undefined: none. */
  version(): string | undefined;
  start(): Promise<RunningBroker>;
  /** Whom it lets in … */
  readonly welcome: Credentials;
  /** … and whom it refuses. */
  readonly stranger: Credentials;
  /** Whether it hands over what an acknowledgement sets free before it answers a ping behind that. */
  readonly keepsPingsInOrder: boolean;
  /** What it makes of QoS 2, in each version of the protocol that this version of the broker speaks. */
  qos2(version: string): ReadonlyMap<4 | 5, Qos2>;
}

const GATEWAY = { username: 'gateway', password: 'secret' } as const;

const KINDS: readonly BrokerKind[] = [
  {
    name: 'mosquitto',
    debianPackage: 'mosquitto',
    version: versionOfMosquitto,
    start: () => Mosquitto.start({ users: { [GATEWAY.username]: GATEWAY.password } }),
    welcome: GATEWAY,
    stranger: { ...GATEWAY, password: 'wrong' },
    keepsPingsInOrder: true,
    qos2: () =>
      new Map([
        [4, 'exactly-once'],
        [5, 'exactly-once'],
      ]),
  },
  {
    name: 'ejabberd',
    debianPackage: 'ejabberd',
    version: () => versionOfPackage('ejabberd'),
    start: () => Ejabberd.start(),
    welcome: GATEWAY,
    stranger: {}, // without a user name nobody gets in
    keepsPingsInOrder: true,
    qos2: () =>
      new Map([
        [4, 'exactly-once'],
        [5, 'exactly-once'],
      ]),
  },
  {
    name: 'RabbitMQ',
    debianPackage: 'rabbitmq-server',
    version: () => versionOfPackage('rabbitmq-server'),
    start: () => RabbitMq.start(),
    welcome: {},
    stranger: { username: 'guest', password: 'wrong' },
    keepsPingsInOrder: false,
    qos2: (version) => {
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const knows5 = major > 3 || (major === 3 && minor >= 13);
      return new Map<4 | 5, Qos2>([[4, 'taken-as-1'], ...(knows5 ? [[5, 'refused'] as const] : [])]);
    },
  },
];

function versionOfPackage(name: string): string | undefined {
  return installedVersion(name)?.replace(/^\d+:|-.*$/g, '');
}

/** Also where it is not from Debian. */
function versionOfMosquitto(): string | undefined {
  const { stdout } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8', env: { ...process.env, PATH: SERVER_PATH } });
  return /mosquitto version (\S+)/.exec(stdout ?? '')?.[1];
}

/** A broker in the version that is installed here. */
export interface InstalledBroker {
  readonly kind: BrokerKind;
  readonly version: string;
}

/**
 * The brokers that are here. One that could be installed and is not is an error: nothing is left out in silence. What the package lists
 * do not have is printed, here and when the programs are installed.
 */
export function installedBrokers(): readonly InstalledBroker[] {
  return KINDS.flatMap((kind) => {
    const version = kind.version();
    if (version !== undefined) {
      return [{ kind, version }];
    }
    if (isAvailable(kind.debianPackage)) {
      throw new Error(`${kind.debianPackage} is not installed: run test/support/install-programs.sh`);
    }
    process.stderr.write(`Not tested with ${kind.name}: the package lists of this machine do not have it.\n`);
    return [];
  });
}
