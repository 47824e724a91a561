import { checkFolded, checkFolding } from './folding.ts';
import { type Graph, graphOf, type Thing } from './graph.ts';
import { checkHub } from './hub.ts';
import { checkSessions } from './sessions.ts';

/** What is wrong in the state of a core (an `AggregatingCore` with open fields), and all that was looked at. */
export function checkCore(core: object): { readonly problems: readonly string[]; readonly graph: Graph } {
  const { $sessions, $hub } = core as Thing;
  const shared: Thing = $sessions.$shared;
  const graph = graphOf({ shared, hub: $hub });
  const problems: string[] = [];
  const complain = (problem: string): unknown => problems.push(problem);
  checkFolded(shared.directory, $sessions.$turn.now, complain);
  checkSessions(shared, graph, complain);
  for (const session of shared.directory.$byClientId.values()) {
    checkFolding(session, $sessions.$turn.now, complain);
  }
  checkHub($hub, shared, graph, complain);
  return { problems, graph };
}
