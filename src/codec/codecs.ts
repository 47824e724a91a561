/** Every message of MQTT-SN v1.2 on the wire, one entry for each row of Table 3 (§5.2.2). A row that is missing does not compile. */
import type { Codec } from './codec.ts';
import { CONNACK, CONNECT, DISCONNECT, PINGREQ, PINGRESP } from './connection-messages.ts';
import { ADVERTISE, GWINFO, SEARCHGW } from './discovery-messages.ts';
import { ENCAPSULATED } from './forwarder-message.ts';
import type { Message, MessageOf } from './message.ts';
import { PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } from './publish-messages.ts';
import { REGACK, REGISTER, SUBACK, SUBSCRIBE, UNSUBACK, UNSUBSCRIBE } from './topic-messages.ts';
import {
  WILLMSG,
  WILLMSGREQ,
  WILLMSGRESP,
  WILLMSGUPD,
  WILLTOPIC,
  WILLTOPICREQ,
  WILLTOPICRESP,
  WILLTOPICUPD,
} from './will-messages.ts';

export const CODECS: { readonly [T in Message['type']]: Codec<MessageOf<T>> } = {
  ADVERTISE,
  SEARCHGW,
  GWINFO,
  CONNECT,
  CONNACK,
  WILLTOPICREQ,
  WILLTOPIC,
  WILLMSGREQ,
  WILLMSG,
  REGISTER,
  REGACK,
  PUBLISH,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  SUBSCRIBE,
  SUBACK,
  UNSUBSCRIBE,
  UNSUBACK,
  PINGREQ,
  PINGRESP,
  DISCONNECT,
  WILLTOPICUPD,
  WILLTOPICRESP,
  WILLMSGUPD,
  WILLMSGRESP,
  ENCAPSULATED,
};
