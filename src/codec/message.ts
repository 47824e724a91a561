/**
 * The messages of MQTT-SN v1.2 as plain values, one type for each row of Table 3 (§5.2.2).
 * The discriminant `type` is the name in the specification.
 */

export { MSG_TYPE } from './msg-type.ts';
export { RETURN_CODE, type ReturnCode } from './return-code.ts';

/** Quality of service as granted or used with a session. */
export type Qos = 0 | 1 | 2;

/** QoS bits of the Flags octet: 11 is −1, a PUBLISH without a connection (§5.3.4, §6.8). */
export type QosFlag = Qos | -1;

/** TopicIdType bits of the Flags octet (§5.3.4). `reserved` (11) occurs only on receipt and is answered with 0x03 (T-20). */
export type TopicIdType = 'normal' | 'predefined' | 'short' | 'reserved';

/**
 * A text field. A string where the octets are valid UTF-8, else the octets themselves: the message can then
 * still be answered with return code 0x03 (R-9, U-8, W-6, T-02).
 */
export type Text = string | Uint8Array;

/** §5.4.1. `duration`: seconds until the next ADVERTISE of this gateway. */
export interface Advertise {
  readonly type: 'ADVERTISE';
  readonly gwId: number;
  readonly duration: number;
}

/** §5.4.2. `radius`: hops, 0 = all nodes. */
export interface SearchGw {
  readonly type: 'SEARCHGW';
  readonly radius: number;
}

/** §5.4.3. `gwAdd` only when a client sends it; the octets as they stand in the frame (T-45). */
export interface GwInfo {
  readonly type: 'GWINFO';
  readonly gwId: number;
  readonly gwAdd?: Uint8Array;
}

/** §5.4.4. `duration`: keep-alive in seconds. */
export interface Connect {
  readonly type: 'CONNECT';
  readonly will: boolean;
  readonly cleanSession: boolean;
  readonly protocolId: number;
  readonly duration: number;
  readonly clientId: Text;
}

/** §5.4.5, §5.4.24, §5.4.25. */
export interface ConnAck {
  readonly type: 'CONNACK';
  readonly returnCode: number;
}

/** §5.4.6 */
export interface WillTopicReq {
  readonly type: 'WILLTOPICREQ';
}

/** §5.4.7. `will` undefined: the empty form, which deletes the stored will topic and message. */
export interface WillTopic {
  readonly type: 'WILLTOPIC';
  readonly will: WillTopicFields | undefined;
}

/** Flags and topic of WILLTOPIC and WILLTOPICUPD (§5.4.7, §5.4.22). */
export interface WillTopicFields {
  readonly qos: QosFlag;
  readonly retain: boolean;
  readonly willTopic: Text;
}

/** §5.4.8 */
export interface WillMsgReq {
  readonly type: 'WILLMSGREQ';
}

/** §5.4.9 */
export interface WillMsg {
  readonly type: 'WILLMSG';
  readonly willMsg: Uint8Array;
}

/** §5.4.10. `topicId` is 0x0000 from a client and ignored there. */
export interface Register {
  readonly type: 'REGISTER';
  readonly topicId: number;
  readonly msgId: number;
  readonly topicName: Text;
}

/** §5.4.11 */
export interface RegAck {
  readonly type: 'REGACK';
  readonly topicId: number;
  readonly msgId: number;
  readonly returnCode: number;
}

/**
 * §5.4.12. `topicId` holds the two octets of the TopicId field whatever the type; for `short` they are the two
 * characters of the name (`shortTopicName` in short-topic.ts reads them). `data` is a view into the frame, not a copy.
 */
export interface Publish {
  readonly type: 'PUBLISH';
  readonly dup: boolean;
  readonly qos: QosFlag;
  readonly retain: boolean;
  readonly topicIdType: TopicIdType;
  readonly topicId: number;
  readonly msgId: number;
  readonly data: Uint8Array;
}

/** §5.4.13. Positive acknowledgement of QoS 1, negative answer to a PUBLISH of any QoS. */
export interface PubAck {
  readonly type: 'PUBACK';
  readonly topicId: number;
  readonly msgId: number;
  readonly returnCode: number;
}

/** §5.4.14 */
export interface PubRec {
  readonly type: 'PUBREC';
  readonly msgId: number;
}

/** §5.4.14 */
export interface PubRel {
  readonly type: 'PUBREL';
  readonly msgId: number;
}

/** §5.4.14 */
export interface PubComp {
  readonly type: 'PUBCOMP';
  readonly msgId: number;
}

/** What SUBSCRIBE and UNSUBSCRIBE name (§5.4.15, §5.4.17). A `short` name may have a wrong length: answered with 0x03 (T-20). */
export type TopicReference =
  | { readonly topicIdType: 'normal'; readonly topicName: Text }
  | { readonly topicIdType: 'predefined'; readonly topicId: number }
  | { readonly topicIdType: 'short'; readonly topicName: Text }
  | { readonly topicIdType: 'reserved' };

/** §5.4.15. `qos` −1 (bits 11) is answered with 0x03 (U-8). */
export interface Subscribe {
  readonly type: 'SUBSCRIBE';
  readonly dup: boolean;
  readonly qos: QosFlag;
  readonly msgId: number;
  readonly topic: TopicReference;
}

/** §5.4.16. `qos`: granted. */
export interface SubAck {
  readonly type: 'SUBACK';
  readonly qos: QosFlag;
  readonly topicId: number;
  readonly msgId: number;
  readonly returnCode: number;
}

/** §5.4.17 */
export interface Unsubscribe {
  readonly type: 'UNSUBSCRIBE';
  readonly msgId: number;
  readonly topic: TopicReference;
}

/** §5.4.18 */
export interface UnsubAck {
  readonly type: 'UNSUBACK';
  readonly msgId: number;
}

/** §5.4.19. `clientId`: only from a sleeping client that goes awake. */
export interface PingReq {
  readonly type: 'PINGREQ';
  readonly clientId: Text | undefined;
}

/** §5.4.20 */
export interface PingResp {
  readonly type: 'PINGRESP';
}

/** §5.4.21. `duration`: sleep time in seconds; only from a client. */
export interface Disconnect {
  readonly type: 'DISCONNECT';
  readonly duration: number | undefined;
}

/** §5.4.22, as WILLTOPIC. */
export interface WillTopicUpd {
  readonly type: 'WILLTOPICUPD';
  readonly will: WillTopicFields | undefined;
}

/** §5.4.24 */
export interface WillTopicResp {
  readonly type: 'WILLTOPICRESP';
  readonly returnCode: number;
}

/** §5.4.23 */
export interface WillMsgUpd {
  readonly type: 'WILLMSGUPD';
  readonly willMsg: Uint8Array;
}

/** §5.4.25 */
export interface WillMsgResp {
  readonly type: 'WILLMSGRESP';
  readonly returnCode: number;
}

/**
 * §5.5, forwarder encapsulation. `radius`: 0–3, meaningful from the gateway to the forwarder only.
 * `wirelessNodeId`: 1–252 opaque octets. `frame`: the inner message, octet for octet (a view, not a copy).
 */
export interface Encapsulated {
  readonly type: 'ENCAPSULATED';
  readonly radius: number;
  readonly wirelessNodeId: Uint8Array;
  readonly frame: Uint8Array;
}

/** Any message of MQTT-SN v1.2, and the forwarder encapsulation. */
export type Message =
  | Advertise
  | SearchGw
  | GwInfo
  | Connect
  | ConnAck
  | WillTopicReq
  | WillTopic
  | WillMsgReq
  | WillMsg
  | Register
  | RegAck
  | Publish
  | PubAck
  | PubRec
  | PubRel
  | PubComp
  | Subscribe
  | SubAck
  | Unsubscribe
  | UnsubAck
  | PingReq
  | PingResp
  | Disconnect
  | WillTopicUpd
  | WillTopicResp
  | WillMsgUpd
  | WillMsgResp
  | Encapsulated;

/** The message of one type, by its name. */
export type MessageOf<T extends Message['type']> = Extract<Message, { type: T }>;
