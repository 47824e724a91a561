/** One note of each type, for tests that go over all of them. */
import type { Note } from '../../../src/ports/observer.ts';

const where = { clientId: 'sensor-1', link: 'udp:192.0.2.7:4711' };

export const NOTES: { readonly [T in Note['type']]: Extract<Note, { type: T }> } = {
  'client-connected': { type: 'client-connected', ...where, cleanSession: true, keepAlive: 60, will: false },
  'client-refused': { type: 'client-refused', ...where, returnCode: 3, reason: 'ProtocolId 2' },
  'connect-abandoned': { type: 'connect-abandoned', ...where, reason: 'no WILLMSG came' },
  'client-moved': { type: 'client-moved', ...where, from: 'udp:192.0.2.7:4710' },
  'client-disconnected': { type: 'client-disconnected', ...where, reason: 'by itself' },
  'client-asleep': { type: 'client-asleep', ...where, duration: 300 },
  'client-awake': { type: 'client-awake', ...where, waiting: 2 },
  'client-lost': { type: 'client-lost', ...where, reason: 'nothing came for 90 s', will: true },
  'frame-dropped': { type: 'frame-dropped', link: where.link, reason: 'truncated' },
  'unknown-sender': { type: 'unknown-sender', link: where.link, message: 'PUBLISH', answered: true },
  'message-ignored': { type: 'message-ignored', ...where, message: 'WILLMSG', reason: 'nobody asked for it' },
  'request-rejected': { type: 'request-rejected', ...where, message: 'SUBSCRIBE', returnCode: 3, reason: 'topic filter is not valid' },
  'topic-registered': { type: 'topic-registered', ...where, topicId: 1, topicName: 'sensors/1/temp' },
  subscribed: { type: 'subscribed', ...where, filter: 'cmd/s1/#', qos: 1 },
  unsubscribed: { type: 'unsubscribed', ...where, filter: 'cmd/s1/#' },
  'client-published': { type: 'client-published', ...where, qos: 1 },
  'duplicate-absorbed': { type: 'duplicate-absorbed', ...where, message: 'PUBLISH' },
  'client-publish-dropped': { type: 'client-publish-dropped', ...where, qos: 0, reason: 'the queue is full' },
  delivered: { type: 'delivered', ...where, qos: 2 },
  'delivery-dropped': { type: 'delivery-dropped', ...where, topic: 'cmd/s1/led', qos: 1, reason: 'it does not fit into a frame' },
  retransmitted: { type: 'retransmitted', ...where, message: 'REGISTER', attempt: 2 },
  'upstream-up': { type: 'upstream-up', clientId: 'sensor-1', sessionPresent: true },
  'upstream-down': { type: 'upstream-down', clientId: 'sensor-1', reason: 'connect ECONNREFUSED', retryIn: 2000 },
  'gateway-reachable': { type: 'gateway-reachable', reachable: false },
  'gateway-started': {
    ...{ type: 'gateway-started', gwId: 1, brokerUrl: 'mqtt://127.0.0.1:1883' },
    ...{ embedded: true, addresses: ['0.0.0.0:1884', '[::]:1884'] },
  },
  'gateway-stopping': { type: 'gateway-stopping', signal: 'SIGTERM', clients: 3 },
  'gateway-stopped': { type: 'gateway-stopped', counts: { 'client-connected': 3, 'client-published.qos1': 7 } },
  'setting-unused': { type: 'setting-unused', setting: 'gateway.radius' },
  'transport-up': { type: 'transport-up', transport: 'udp', address: '0.0.0.0:1884' },
  'transport-problem': { type: 'transport-problem', transport: 'udp', code: 'ENETUNREACH', reason: 'cannot send' },
  'store-problem': { type: 'store-problem', reason: 'disk full' },
  'sessions-restored': { type: 'sessions-restored', sessions: 3 },
  'session-expired': { type: 'session-expired', ...where, reason: 'its client did not come back' },
  'session-failed': { type: 'session-failed', clientId: 'sensor-1', reason: 'invariant' },
};
