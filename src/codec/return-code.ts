/** ReturnCode octet (§5.3.10, Table 5). Values of 0x04 and above are reserved: never sent, read as a rejection. */
export const RETURN_CODE = {
  accepted: 0x00,
  congestion: 0x01,
  invalidTopicId: 0x02,
  notSupported: 0x03,
} as const;

/** A return code that may be sent (§5.3.10). Received ones are any octet. */
export type ReturnCode = (typeof RETURN_CODE)[keyof typeof RETURN_CODE];
