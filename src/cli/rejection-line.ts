/** What a return code of the gateway usually means, for somebody who cannot see its log. */
import { type RejectedError, returnCodeText } from '../client/client-error.ts';
import { RETURN_CODE } from '../codec/message.ts';

const { congestion, invalidTopicId, notSupported } = RETURN_CODE;

/** One line for the user of `pub` and `sub`. */
export function rejectionLine({ request, returnCode }: RejectedError): string {
  return `${request} rejected: ${returnCodeText(returnCode)}: ${usualMeaning(request, returnCode)}`;
}

function usualMeaning(request: RejectedError['request'], returnCode: number): string {
  const connects = request === 'CONNECT';
  switch (returnCode) {
    case congestion:
      return connects
        ? 'the gateway has no broker at the moment, or no room for one more client; its log says which'
        : 'the gateway has too much of this client, or the broker does not answer it; try again later, its log says more';
    case invalidTopicId:
      return 'a --topic-id must stand in the file of pre-defined topics of the gateway, under this client id (--id) or "*"';
    case notSupported:
      return connects
        ? 'the gateway or the broker refuses this client id, this will, or the gateway itself (user name, password); the log of the gateway says which'
        : 'the gateway or the broker refuses this topic, QoS or size; the log of the gateway says which';
    default:
      return 'the log of the gateway says more';
  }
}
