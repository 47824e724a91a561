/** As whom connections to the broker are made: the gateway itself, and each client, which may have credentials of its own (I-126, I-127). */
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ClientCredentials, CredentialsOf, UpstreamInput } from '../ports/upstream.ts';
import { Certificates } from './certificates.ts';
import { type BrokerAddress, brokerAddress, overTls, type UpstreamSettings } from './upstream-settings.ts';

/** How one connection is made, and as whom. */
export interface Login {
  readonly address: BrokerAddress;
  /** Undefined: the connection is not secured. */
  readonly secureContext: SecureContext | undefined;
  /** Put before the client id; not before that of the gateway itself. */
  readonly clientIdPrefix: string;
}

/** What of the settings may be another one while the gateway runs. */
export type OwnLogin = Pick<UpstreamSettings, 'username' | 'password' | 'psk'>;

/**
 * The cipher suites of a connection that a pre-shared key secures: those in which the broker proves that it has the key, with forward secrecy first, and
 * without the one that wants a certificate as well.
 */
const PSK_CIPHERS = 'kECDHEPSK:kDHEPSK:kPSK:!eNULL';

/** Pre-shared keys are not what TLS 1.3 means by them. */
const PSK_VERSION = 'TLSv1.2';

const nobody = (): undefined => undefined;

export class Logins {
  readonly #settings: UpstreamSettings;
  readonly #report: (reason: string) => void;
  /** What every connection has. */
  readonly #address: BrokerAddress;
  #own: BrokerAddress;
  #ofClient: CredentialsOf;
  /** Of the gateway; undefined: it has none, or a pre-shared key. */
  readonly #certificates: Certificates | undefined;
  /** Of rules, by their paths. */
  readonly #ofRules = new Map<string, Certificates>();
  #pskContext: SecureContext | undefined;

  /** Error if the URL, a certificate or a key cannot be read. `report` is told what an operator should know that does not end a connection. */
  constructor(settings: UpstreamSettings, report: (reason: string) => void, ofClient: CredentialsOf = nobody) {
    this.#settings = settings;
    this.#report = report;
    this.#address = brokerAddress(settings);
    this.#own = { ...this.#address, ...(settings.psk && { psk: settings.psk }) };
    this.#ofClient = ofClient;
    this.#certificates =
      overTls(this.#address) && settings.psk === undefined ? new Certificates(settings, report) : undefined;
  }

  /** From now on connections are made with these. */
  change({ username, password, psk }: OwnLogin, ofClient: CredentialsOf = nobody): void {
    this.#own = { ...this.#own, username, password, ...(psk && { psk }) };
    this.#ofClient = ofClient;
    this.#ofRules.clear(); // made again as they are needed
  }

  /** Of the gateway itself, and of connections that clients share. */
  own(): Login {
    return { ...this.#secured(this.#own, undefined), clientIdPrefix: '' };
  }

  /** Of a client; a refusal where it is not to be let in. Error where its certificate cannot be used. */
  of(clientId: string, identity: string | undefined): Login | { readonly refusal: string } {
    const credentials = this.#ofClient(clientId, identity);
    if (credentials !== undefined && 'refusal' in credentials) {
      return credentials;
    }
    const clientIdPrefix = credentials?.clientIdPrefix ?? this.#settings.clientIdPrefix;
    const address = credentials === undefined ? this.#own : this.#addressOf(credentials);
    return { ...this.#secured(address, credentials?.certificate), clientIdPrefix };
  }

  /** What a rule says nothing of is as for the gateway; but user name and password go with nothing else that proves who a client is. */
  #addressOf({ rule, hasLogin, username, password, certificate, psk }: ClientCredentials): BrokerAddress {
    const { psk: ownPsk, ...own } = this.#own;
    const secret = psk ?? (certificate === undefined ? ownPsk : undefined);
    return {
      ...own,
      ...(hasLogin && { username, password }),
      ...(secret && { psk: secret }),
      rule: { name: rule, isSecured: certificate !== undefined || psk !== undefined },
    };
  }

  #secured(
    address: BrokerAddress,
    certificate: ClientCredentials['certificate'],
  ): Pick<Login, 'address' | 'secureContext'> {
    if (!overTls(address)) {
      return { address, secureContext: undefined };
    }
    if (address.psk !== undefined) {
      this.#pskContext ??= createSecureContext({
        ciphers: PSK_CIPHERS,
        minVersion: PSK_VERSION,
        maxVersion: PSK_VERSION,
      });
      return { address, secureContext: this.#pskContext };
    }
    const certificates = certificate === undefined ? this.#certificates : this.#certificatesOf(certificate);
    return { address, secureContext: certificates?.current() };
  }

  #certificatesOf({ cert, key }: NonNullable<ClientCredentials['certificate']>): Certificates {
    const name = JSON.stringify([cert, key]);
    const known = this.#ofRules.get(name);
    if (known !== undefined) {
      return known;
    }
    const { ca } = this.#settings;
    const made = new Certificates({ ca, cert, key }, this.#report);
    this.#ofRules.set(name, made);
    return made;
  }
}

/** What the broker has said of a connection, with what it was made with. */
export function withLogin(input: UpstreamInput, { address: { rule }, clientIdPrefix }: Login): UpstreamInput {
  if (input.type === 'upstream-refused' && rule !== undefined) {
    return { ...input, rule: rule.name };
  }
  return input.type === 'upstream-connected' && clientIdPrefix !== '' ? { ...input, clientIdPrefix } : input;
}
