/**
 * MQTT-SN v1.2 for programs: a gateway to embed (`createGateway`), a client (`MqttSnClient`), the codec, and the interface of transports of one's own.
 * What is exported here is the public interface, kept by semantic versioning; docs/embedding.md tells how to use it.
 *
 * @packageDocumentation
 */
export type { ClientDetails, ClientInfo } from './app/embedded/client-info.ts';
export { createGateway, type Gateway, type PublishOptions } from './app/embedded/create-gateway.ts';
export type { GatewayOptions, PredefinedTopicMap } from './app/embedded/embedded-settings.ts';
export { GatewayError, type GatewayErrorCode } from './app/embedded/gateway-error.ts';
export type {
  BrokerEvent,
  ClientAsleep,
  ClientAwake,
  ClientConnected,
  ClientDisconnected,
  ClientEvent,
  ClientLost,
  ClientMoved,
  ClientRefused,
  FrameEvent,
  GatewayEvents,
  LogLine,
  TransportTrouble,
  TransportUp,
} from './app/embedded/gateway-events.ts';
export { EndedByGatewayError, NoAnswerError, NotConnectedError, RejectedError } from './client/client-error.ts';
export type {
  ClientWill,
  Disconnection,
  Granted,
  LateRejection,
  MqttSnClientOptions,
  ReceivedMessage,
} from './client/client-options.ts';
export type { ClientTopic } from './client/client-topic.ts';
export type { ClientTransport } from './client/client-transport.ts';
export type { ClientState } from './client/connection-state.ts';
export { DtlsClientTransport, type DtlsClientTransportOptions } from './client/dtls-client-transport.ts';
export { MqttSnClient } from './client/mqtt-sn-client.ts';
export { UdpClientTransport, type UdpClientTransportOptions } from './client/udp-client-transport.ts';
export { type DecodeOptions, decode } from './codec/decode.ts';
export { DecodeError, type DecodeReason } from './codec/decode-error.ts';
export { type DescribeOptions, describe } from './codec/describe.ts';
export { encode } from './codec/encode.ts';
export * from './codec/message.ts';
export type { Duration } from './config/duration.ts';
export { ConfigError, type Problem } from './config/problem.ts';
export type { WrittenSettings } from './config/written-settings.ts';
export type {
  DtlsSettings,
  ModuleSettings,
  SerialSettings,
  TransportSettings,
  UdpSettings,
  XBeeSettings,
} from './config/written-transports.ts';
export type { SeenMessage } from './ports/observer.ts';
export type { ReloadReport } from './ports/operator.ts';
export type { BrokerView, Traffic, TransportView } from './ports/site.ts';
export type {
  Medium,
  ModuleTransport,
  TransportContext,
  TransportInterface,
  TransportModule,
} from './ports/transport-module.ts';
