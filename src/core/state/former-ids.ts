/** How far the ids of a session went that is gone: its client gets new ones (R-13, I-17). */
export interface FormerIds {
  readonly nextTopicId: number;
  /** The last MsgId of our messages to the client. */
  readonly lastMsgId: number;
}
