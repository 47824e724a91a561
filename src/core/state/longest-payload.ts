/**
 * Octets of the longest payload that any client can ever get: Length has two octets (1.1), and with MsgType the long form has four before the five of
 * Flags, TopicId and MsgId. What is longer is for nobody, on whatever network, and need not wait for anybody.
 */
export const LONGEST_PAYLOAD = 65_535 - 4 - 5;

/** For the log. */
export const TOO_LONG_PAYLOAD = 'its payload does not fit into any frame';
