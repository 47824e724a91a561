/** Topic filters in settings and on the command line: as clients subscribe to them. */
import { topicFilterProblem } from '../core/topics/topic-name.ts';

/** What is wrong with a filter; its characters are not asked after, for the gateway may be set to take any (`clients.names`). */
export function filterProblem(filter: string): string | undefined {
  return topicFilterProblem(filter, 'utf8');
}
