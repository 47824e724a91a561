/** The sessions, and everything that knows of one: the directory, the line for connections, deadlines, media, counters. */
import { type Graph, ofClass, type Thing, withFields } from './graph.ts';
import {
  type Complain,
  checkDeadlines,
  checkFairLine,
  checkOfflineQueue,
  checkOpenPublishes,
  checkSourceTable,
  nameOf,
  namesOfWaits,
} from './tables.ts';

/** Where a session may still be that is gone: as a name for itself, and in line for its medium, where its turn is nothing. */
const HARMLESS = /\.shortFalls\.\$last$|(\.transports\..*|\.deadlines\.\$owners\[\])\.waiting\[\]$/;

export function checkSessions(shared: Thing, graph: Graph, complain: Complain): void {
  const { directory, deadlines, offline, transports, leftovers, gatewayLink } = shared;
  const known = new Set<Thing>(directory.$byClientId.values());
  checkResting(shared, known, complain); // first: the others unfold all sessions
  for (const [session, path] of ofClass(graph, 'Session')) {
    if (!known.has(session) && !HARMLESS.test(path)) {
      complain(`${nameOf(session)} is in no directory, and is reached by ${path}`);
    }
  }
  checkDirectory(shared, known, complain);
  checkCounters(shared, graph, known, complain);
  checkConnections(shared, known, complain);
  checkSourceTable(directory.halfOpen, 'half-open', complain);
  checkSourceTable(directory.$admitted, 'admitted', complain);
  checkOfflineQueue(offline, complain);
  for (const owner of checkDeadlines(deadlines, complain)) {
    const isThere =
      known.has(owner) ||
      owner === gatewayLink ||
      owner === shared.reachability ||
      owner === directory.resting ||
      leftovers.$byClientId.get(owner.clientId) === owner ||
      transports.$byName.get(owner.opened?.transport) === owner;
    if (!isThere) {
      complain(`deadlines: ${nameOf(owner)} waits, and is not there`);
    }
  }
  for (const owner of offline.$byOwner.keys()) {
    if (!known.has(owner) && owner !== gatewayLink) {
      complain(`offline queue: ${nameOf(owner)} has something there, and is not there`);
    }
  }
  for (const session of known) {
    checkSession(session, shared, complain);
  }
}

/** What a client may repeat is let go when it may not any more. */
function checkResting({ directory, deadlines }: Thing, known: ReadonlySet<Thing>, complain: Complain): void {
  const { resting } = directory;
  for (const session of resting.$due.keys()) {
    if (!known.has(session)) {
      complain(`resting: ${nameOf(session)} is there, and is not there`);
    }
  }
  for (const session of known) {
    if (session.isFolded || directory.foldables.has(session)) {
      continue; // it is let go when it is unfolded; whoever has been looked at since is folded up again in the next turn
    }
    const until = session.remembersUntil;
    if (until > 0 && until < Number.POSITIVE_INFINITY && !resting.$due.has(session)) {
      complain(`resting: ${nameOf(session)} remembers something until ${until}, and nothing lets that go`);
    }
  }
  const looks = deadlines.has(resting, 'rest');
  if (resting.size > 0 !== looks) {
    complain(`resting: ${resting.size} wait, and somebody looks at them: ${looks}`);
  }
}

function checkDirectory({ directory }: Thing, known: ReadonlySet<Thing>, complain: Complain): void {
  const { $byClientId, $byPath, $byConnection, halfOpen, $admitted } = directory;
  for (const [clientId, session] of $byClientId) {
    if (session.clientId !== clientId || halfOpen.has(session) === $admitted.has(session)) {
      complain(`client "${clientId}" is half-open: ${halfOpen.has(session)}, admitted: ${$admitted.has(session)}`);
    }
    if (halfOpen.has(session) && (!session.attempt?.stage.startsWith('will') || session.accepted !== undefined)) {
      complain(`client "${clientId}" is half-open, and in no will dialogue (${session.state})`);
    }
    if (session.bound !== ($byPath.get(session.path.key) === session)) {
      complain(`client "${clientId}" is bound: ${session.bound}, and its path says another thing`);
    }
    const { connection } = session.upstream;
    if (connection !== 0 && $byConnection.get(connection) !== session) {
      complain(`client "${clientId}" has connection ${connection}, which is not known as its own`);
    }
    if (session.held !== directory.held.has(clientId)) {
      complain(`client "${clientId}" waits for the disk: ${session.held}, and not by its name`);
    }
  }
  if (halfOpen.size + $admitted.size !== $byClientId.size) {
    complain(`${halfOpen.size} half-open and ${$admitted.size} admitted sessions, ${$byClientId.size} in all`);
  }
  for (const [path, session] of $byPath) {
    if (!known.has(session) || session.path.key !== path || !session.bound) {
      complain(`path ${path} is of ${nameOf(session)}, which is elsewhere`);
    }
  }
  for (const [connection, session] of $byConnection) {
    if (!known.has(session) || session.upstream.connection !== connection) {
      complain(`connection ${connection} is of ${nameOf(session)}, which has ${session.upstream.connection}`);
    }
  }
}

function checkCounters(shared: Thing, graph: Graph, known: ReadonlySet<Thing>, complain: Complain): void {
  const { directory, queued } = shared;
  const sum = { messages: 0, octets: 0, qos0Octets: 0 };
  const quotas = new Map<Thing, number>();
  const census = new Map<string, number>();
  const count = (name: string): unknown => census.set(name, (census.get(name) ?? 0) + 1);
  for (const session of known) {
    count(`${session.path.transport} ${session.state}`);
    if (session.quota) {
      quotas.set(session.quota, (quotas.get(session.quota) ?? 0) + 1);
    }
    if (session.quota !== session.access?.quota) {
      complain(`${nameOf(session)} is not counted where its access says`);
    }
    const queue = session.unfold().$outbound?.queue;
    if (queue) {
      checkQueue(session, queue, complain);
      sum.messages += queue.waiting.length;
      sum.octets += queue.octets;
      sum.qos0Octets += queue.qos0Octets;
    }
  }
  if (sum.messages !== queued.messages || sum.octets !== queued.octets || sum.qos0Octets !== queued.qos0Octets) {
    complain(`queues: ${JSON.stringify(sum)} in all, ${JSON.stringify(queued)} are counted`);
  }
  for (const [quota] of withFields(graph, 'most', 'count')) {
    if (quota.count !== (quotas.get(quota) ?? 0)) {
      complain(`quota: ${quotas.get(quota) ?? 0} sessions, ${quota.count} are counted`);
    }
  }
  for (const [transport, states] of directory.census.$byTransport) {
    for (const [state, told] of Object.entries(states)) {
      if (told !== (census.get(`${transport} ${state}`) ?? 0)) {
        complain(`census: ${told} are ${state} on ${transport}, not ${census.get(`${transport} ${state}`) ?? 0}`);
      }
    }
  }
}

function checkQueue(session: Thing, queue: Thing, complain: Complain): void {
  const { waiting } = queue;
  const octetsOf = (some: Thing[]): number => some.reduce((sum, { message }) => sum + message.payload.length, 0);
  const qos0 = waiting.filter(({ message }: Thing) => message.qos === 0);
  if (octetsOf(waiting) !== queue.octets || octetsOf(qos0) !== queue.qos0Octets || qos0.length !== queue.qos0Messages) {
    complain(`queue of ${nameOf(session)}: its totals are not what is in it`);
  }
  for (const [msgId, delivery] of [...queue.sent.keys()].map((key: number) => [key, queue.sent.get(key)])) {
    if (!waiting.includes(delivery) || delivery.msgId !== msgId) {
      complain(`queue of ${nameOf(session)}: MsgId ${msgId} is of nothing that waits`);
    }
  }
  const { outstanding } = session.outbound;
  if (outstanding && outstanding.step !== 'registering' && !waiting.includes(outstanding.delivery)) {
    complain(`queue of ${nameOf(session)}: what is outstanding does not wait`);
  }
  if (outstanding && session.waits === -1 && !session.held) {
    complain(`queue of ${nameOf(session)}: something is outstanding (${outstanding.step}), and nothing ends that`);
  }
}

function checkConnections(shared: Thing, known: ReadonlySet<Thing>, complain: Complain): void {
  const { directory, pacing, reachability, leftovers, gatewayLink, transports, deadlines } = shared;
  const line = new Set<Thing>([pacing.$urgent, pacing.$others].flatMap(({ $places }: Thing) => [...$places.keys()]));
  checkFairLine(pacing.$urgent, 'line for connections, urgent', complain);
  checkFairLine(pacing.$others, 'line for connections, others', complain);
  checkOpenPublishes(shared.openPublishes, known, complain);
  for (const waiter of line) {
    const isThere = waiter.kind === 'leftover' ? leftovers.of(waiter.clientId) === waiter : known.has(waiter);
    if (!isThere || (waiter.kind !== 'leftover' && waiter.upstream.phase !== 'queued')) {
      complain(`line for connections: ${nameOf(waiter)} is in it (${waiter.upstream?.phase})`);
    }
  }
  if (line.size > 0 && pacing.$making.size < pacing.limit && !pacing.$closed) {
    complain(`line for connections: ${line.size} wait though only ${pacing.$making.size} are being made`);
  }
  for (const connection of pacing.$making) {
    const phase = directory.$byConnection.get(connection)?.upstream.phase;
    if (phase !== 'connecting' && leftovers.byConnection(connection) === undefined) {
      complain(`line for connections: ${connection} counts as being made (${phase})`);
    }
  }
  for (const connection of reachability.$up.keys()) {
    const owner = directory.$byConnection.get(connection) ?? gatewayLink;
    const { upstream, farewell } = owner;
    if (upstream.connection !== connection || (upstream.phase !== 'up' && !farewell)) {
      complain(
        `reachability: connection ${connection} stands, and is nobody's (${nameOf(owner)} is ${upstream.phase})`,
      );
    }
  }
  for (const session of reachability.waiting) {
    if (!known.has(session) || session.upstream.phase !== 'waiting') {
      complain(`reachability: ${nameOf(session)} waits for the broker (${session.upstream.phase})`);
    }
  }
  for (const [clientId, leftover] of leftovers.$byClientId) {
    const { connection } = leftover;
    if (leftover.clientId !== clientId || (connection !== 0 && leftovers.byConnection(connection) !== leftover)) {
      complain(`leftovers: "${clientId}" is not known by connection ${connection}`);
    }
    const waits = gatewayLink.upstream.phase !== 'up' || deadlines.has(reachability, 'settled'); // it goes on when that stands
    const goesOn = connection !== 0 || leftover.waits !== -1 || line.has(leftover) || waits;
    if (!goesOn && !pacing.$closed) {
      complain(`leftovers: nothing ends that of "${clientId}"`);
    }
  }
  for (const [connection, leftover] of leftovers.$byConnection) {
    if (leftovers.of(leftover.clientId) !== leftover || leftover.connection !== connection) {
      complain(`leftovers: connection ${connection} is of nobody`);
    }
  }
  for (const [name, transport] of transports.$byName) {
    for (const session of [...transport.waiting, transport.serving ?? []].flat()) {
      if (!known.has(session) && (session.bound || session.$outbound?.outstanding)) {
        complain(`medium ${name}: ${nameOf(session)} waits for its turn with something, and is not there`);
      }
    }
  }
}

/** Something ends whatever a session is in. */
function checkSession(session: Thing, shared: Thing, complain: Complain): void {
  const { state, attempt, upstream, farewell } = session;
  const timers = namesOfWaits(shared.deadlines, session);
  const { phase } = upstream;
  const { $urgent, $others, $closed } = shared.pacing;
  if (phase === 'queued' && !$urgent.has(session) && !$others.has(session) && !$closed) {
    complain(`${nameOf(session)} waits in line for a connection, and is not in it`);
  }
  if (phase === 'waiting' && !farewell && !shared.reachability.waiting.has(session)) {
    complain(`${nameOf(session)} waits for the broker, and is not among those`);
  }
  const isSupervised =
    (attempt?.stage.startsWith('will') && timers.includes('will')) ||
    (attempt && !attempt.stage.startsWith('will') && (timers.includes('connect') || phase !== 'closed')) ||
    timers.includes('expiry') ||
    timers.includes('farewell') ||
    (state === 'active' && timers.includes('keep-alive')) ||
    (state === 'asleep' && timers.includes('sleep')) ||
    (state === 'awake' &&
      (timers.includes('sleep') || timers.includes('awake') || timers.includes('delivery') || session.held));
  if (!isSupervised) {
    complain(
      `${nameOf(session)} is ${state}, with attempt ${attempt?.stage}, ${phase}; nothing ends that (${timers.join(', ')})`,
    );
  }
  const isMade = upstream.owesSession || shared.isBridged(session.clientId); // I-159
  if (phase !== 'closed' && !attempt && !farewell && !isMade && (state === 'disconnected' || state === 'lost')) {
    complain(`${nameOf(session)} is ${state}, and its connection is ${phase}`);
  }
}
