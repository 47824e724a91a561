/** What the page needs of an event stream (`EventSource`). */
export interface EventStream {
  /** `open`, `error`, or the name of an event of the gateway, whose `data` is JSON. */
  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

/** Opens the stream at an address. */
export type OpenEventStream = (url: string) => EventStream;
