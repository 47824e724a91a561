import type { TransportOpened } from '../ports/transport.ts';
import type { TransportOptions } from './transport-options.ts';

/** What a medium carries, and whom it reaches. */
export type Medium = Omit<TransportOpened, 'type' | 'transport' | 'retryInterval' | 'forwarders'>;

/** The input that says that frames can be exchanged. What no setting names is left out of it: then that of the gateway counts. */
export function transportOpened(
  { name, retryInterval, forwarders }: Pick<TransportOptions, 'name' | 'retryInterval' | 'forwarders'>,
  medium: Medium,
): TransportOpened {
  return {
    ...{ type: 'transport-opened', transport: name, ...medium },
    ...(retryInterval !== undefined && { retryInterval }),
    ...(forwarders && { forwarders }),
  };
}
