/** Public API for programs that embed the gateway, or its codec or client. */
export { type Gateway, type GatewayOptions, startGateway } from './app/gateway.ts';
export { MqttSnClient } from './client/mqtt-sn-client.ts';
export { decode } from './codec/decode.ts';
export { DecodeError, type DecodeReason } from './codec/decode-error.ts';
export { describe } from './codec/describe.ts';
export { encode } from './codec/encode.ts';
export * from './codec/message.ts';
export type { CredentialRule, CredentialRules } from './config/credentials-file.ts';
export { type LoadedSettings, type LoadOptions, loadSettings } from './config/load.ts';
export { ConfigError, type Problem } from './config/problem.ts';
export type { Settings } from './config/schema.ts';
export type { Note, Observer } from './ports/observer.ts';
export type { GatewayOperator, OperatorPublish } from './ports/operator.ts';
export type { SessionCounters, Sessions, SessionView, WaitingMessage } from './ports/sessions.ts';
export type {
  BrokerView,
  Distribution,
  PredefinedTopicView,
  ShortTopicView,
  Site,
  Traffic,
  TransportView,
} from './ports/site.ts';
export type {
  Medium,
  ModuleTransport,
  TransportContext,
  TransportInterface,
  TransportModule,
} from './ports/transport-module.ts';
