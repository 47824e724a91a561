/** What the aggregating gateway knows: members, filters, what waits for clients and what is on its way. */
import { storeKey } from '../../src/core/contract/stored-records.ts';
import { type Graph, ofClass, type Thing, withFields } from './graph.ts';
import { type Complain, checkSourceTable, nameOf } from './tables.ts';

export function checkHub(hub: Thing, shared: Thing, graph: Graph, complain: Complain): void {
  const members = new Set<Thing>(hub.members.values());
  for (const [member, path] of ofClass(graph, 'Member')) {
    if (
      !members.has(member) &&
      member !== hub.own &&
      !/\.loading|newcomers|\.relay\.|\.again\[|suspect|\.probe\.|askers|\.drain\.bridges/.test(path)
    ) {
      complain(`member "${member.clientId}" is not known, and is reached by ${path}`);
    }
  }
  for (const [filter, path] of ofClass(graph, 'SharedFilter')) {
    if (hub.bySlot.get(filter.slot) !== filter && !isPast(filter, hub)) {
      complain(`filter "${filter.filter}" is not known, and is reached by ${path}`);
    }
  }
  checkMembers(hub, shared, complain);
  checkBeside(hub, shared, complain);
  checkFilters(hub, members, complain);
  checkQueues(hub, members, complain);
  checkMessages(hub, graph, complain);
  checkLink(hub, members, complain);
}

/** What is out for a filter that is gone ends with its answer. */
function isPast(filter: Thing, { link }: Thing): boolean {
  const isLate = link.lateFetches.some((late: Thing) => late.filter === filter);
  const isSuspect = link.suspects.includes(filter) || link.accused?.suspect === filter;
  return filter.request !== undefined || link.fetch?.filter === filter || isLate || isSuspect;
}

function checkMembers(hub: Thing, shared: Thing, complain: Complain): void {
  for (const [clientId, member] of hub.members) {
    const { connection } = member;
    const session = shared.directory.byClientId(clientId);
    if (member.clientId !== clientId || (connection !== 0 && hub.byConnection.get(connection) !== member)) {
      complain(`member "${clientId}" is not known by its name, or connection ${connection}`);
    }
    if (connection !== 0 && session?.upstream.connection !== connection) {
      complain(`member "${clientId}" has connection ${connection}, its session ${session?.upstream.connection}`);
    }
    if ((member.isKnown || member.grants.size > 0 || member.waiting > 0) && session === undefined) {
      complain(
        `member "${clientId}" has something, and there is no session of it: known ${member.isKnown}, filters ${[...member.grants.keys()]}, ${member.waiting} messages`,
      );
    }
    if (member.isEmpty && !member.isKnown) {
      complain(`member "${clientId}" has nothing, and is kept`);
    }
  }
  for (const [connection, member] of hub.byConnection) {
    const known = member.isBeside ? member.ownConnection : member.connection;
    if (hub.members.get(member.clientId) !== member || known !== connection) {
      complain(`connection ${connection} is of member "${member.clientId}", which has ${known}`);
    }
  }
  for (const session of shared.directory.$byClientId.values()) {
    const { connection, shared: isShared } = session.upstream;
    if (isShared && connection !== 0 && !hub.byConnection.has(connection)) {
      complain(`${nameOf(session)} has connection ${connection}, and is no member`);
    }
  }
}

/** Those whose sessions have connections of their own (I-133): the hub listens to these, and hands over nothing before they stand. */
function checkBeside(hub: Thing, shared: Thing, complain: Complain): void {
  for (const [key, member] of hub.beside) {
    if (
      !member.isBeside ||
      hub.members.get(member.clientId) !== member ||
      key !== storeKey('session', member.clientId)
    ) {
      complain(`member "${member.clientId}" counts as beside the shared connection, and is not`);
    }
  }
  for (const member of hub.members.values()) {
    if (!member.isBeside) {
      continue;
    }
    const { clientId, ownConnection, connection, asks } = member;
    const upstream = shared.directory.byClientId(clientId)?.upstream;
    if (![...hub.beside.values()].includes(member)) {
      complain(`member "${clientId}" is beside the shared connection, and not among those`);
    }
    if (ownConnection !== (upstream?.connection ?? 0)) {
      complain(`member "${clientId}" has its own connection ${ownConnection}, its session ${upstream?.connection}`);
    }
    if (ownConnection !== 0 && hub.byConnection.get(ownConnection) !== member) {
      complain(`member "${clientId}" is not known by its own connection ${ownConnection}`);
    }
    if (connection !== 0 && (connection !== ownConnection || upstream?.phase !== 'up')) {
      complain(`member "${clientId}" is handed messages on ${connection}, its own is ${ownConnection}`);
    }
    if (asks !== undefined && (ownConnection === 0 || connection !== 0 || upstream?.phase !== 'connecting')) {
      complain(`member "${clientId}" asks for a session on its own connection, which is ${upstream?.phase}`);
    }
  }
}

function checkFilters(hub: Thing, members: ReadonlySet<Thing>, complain: Complain): void {
  for (const [slot, filter] of hub.bySlot) {
    if (filter.slot !== slot || hub.filter(filter.filter) !== filter) {
      complain(`filter "${filter.filter}" is not known by its name`);
    }
    for (const member of filter.members.keys()) {
      if (!members.has(member) || !member.grants.has(filter.filter)) {
        complain(`filter "${filter.filter}" is of "${member.clientId}", which does not have it`);
      }
    }
    for (const newcomer of [...filter.newcomers.keys(), ...(filter.request?.newcomers ?? [])]) {
      const isAsking = (newcomer.member.asking.get(filter.filter) ?? []).includes(newcomer);
      if (!newcomer.gone && !isAsking) {
        complain(`filter "${filter.filter}" has a newcomer "${newcomer.member.clientId}" who does not ask`);
      }
    }
    const { link } = hub;
    const goesOn = filter.request || link.toSubscribe.has(filter) || link.toFetch.has(filter);
    if (filter.newcomers.size > 0 && !goesOn) {
      complain(`filter "${filter.filter}" has newcomers, and nothing goes out for them`);
    }
    if (filter.isUnused && !goesOn && link.fetch?.filter !== filter) {
      complain(`filter "${filter.filter}" is nobody's, and is kept`);
    }
  }
  for (const member of members) {
    for (const name of member.grants.keys()) {
      if (!hub.filter(name)?.members.has(member)) {
        complain(`member "${member.clientId}" has filter "${name}", which does not know it`);
      }
    }
  }
}

function checkQueues(hub: Thing, members: ReadonlySet<Thing>, complain: Complain): void {
  const weightOf = ({ message }: Thing): number => message.octets + message.topic.length;
  let all = 0;
  let qos0 = 0;
  let [allOctets, qos0Octets] = [0, 0];
  for (const member of members) {
    let octets = 0;
    for (const parcel of member.queue) {
      octets += weightOf(parcel);
      all += 1;
      qos0 += parcel.qos === 0 ? 1 : 0;
      qos0Octets += parcel.qos === 0 ? weightOf(parcel) : 0;
      if (!hub.waiting.has(parcel) || (parcel.qos === 0) !== hub.waitingQos0.has(parcel)) {
        complain(`queue of "${member.clientId}": a message is not counted`);
      }
      if (!parcel.message.parcels.has(parcel)) {
        complain(`queue of "${member.clientId}": a message does not know that it waits`);
      }
    }
    if (octets !== member.traffic.octets) {
      complain(`queue of "${member.clientId}": ${octets} octets, ${member.traffic.octets} are counted`);
    }
    allOctets += octets;
    for (const packetId of member.handed.keys()) {
      const parcel = member.handed.get(packetId);
      if (parcel.packetId !== packetId || !parcel.message.parcels.has(parcel)) {
        complain(`"${member.clientId}" was handed ${packetId}, of which its message does not know`);
      }
    }
    member.rest();
  }
  if (hub.waiting.size !== all || hub.waitingQos0.size !== qos0) {
    complain(`queues: ${all} wait, ${qos0} with QoS 0; counted are ${hub.waiting.size} and ${hub.waitingQos0.size}`);
  }
  if (hub.queuedOctets !== allOctets || hub.qos0Octets !== qos0Octets) {
    complain(`queues: ${allOctets}, ${qos0Octets} octets; counted are ${hub.queuedOctets}, ${hub.qos0Octets}`);
  }
  checkSourceTable(hub.waiting, 'waiting', complain);
  checkSourceTable(hub.waitingQos0, 'waiting with QoS 0', complain);
}

function checkMessages(hub: Thing, graph: Graph, complain: Complain): void {
  let held = 0;
  for (const message of hub.held) {
    held += message.octets;
    if (!message.stored || message.payload === undefined) {
      complain(`message ${message.number} counts as in memory and on the disk, and is not`);
    }
  }
  if (held !== hub.heldOctets) {
    complain(`messages: ${held} octets are in memory and on the disk, ${hub.heldOctets} are counted`);
  }
  for (const [message] of withFields(graph, 'storedParcels', 'parcels')) {
    const parcels = [...message.parcels] as Thing[];
    const stored = parcels.filter((one) => one.stored).length;
    const handed = parcels.filter((one) => one.packetId !== 0).length;
    const awaited = parcels.filter((one) => one.awaited).length;
    if (stored !== message.storedParcels || handed !== message.handedParcels || awaited !== message.awaited) {
      const told = `${message.storedParcels}, ${message.handedParcels}, ${message.awaited}`;
      complain(`message ${message.number}: ${stored}, ${handed}, ${awaited} stored, handed, awaited; counted ${told}`);
    }
    for (const parcel of parcels) {
      const { member, packetId } = parcel;
      if (!member.queue.includes(parcel) && member.handed.get(packetId) !== parcel) {
        complain(`message ${message.number} is for "${member.clientId}", which neither waits for it nor has it`);
      }
    }
  }
  for (const [packetId, message] of hub.byPacketId) {
    if (message.packetId !== packetId) {
      complain(`message ${message.number} has packet id ${message.packetId}, and is known by ${packetId}`);
    }
  }
  for (const message of hub.unsettled) {
    if (message.awaited === 0) {
      complain(`message ${message.number} waits for nobody, and the broker is not told`);
    }
  }
}

function checkLink(hub: Thing, members: ReadonlySet<Thing>, complain: Complain): void {
  const { link } = hub;
  for (const member of link.waiting) {
    if (!members.has(member) || member.asks === undefined || link.phase === 'up') {
      complain(`member "${member.clientId}" waits for the connection, which is ${link.phase}`);
    }
  }
  for (const member of members) {
    if (member.asks !== undefined && !member.isBeside && !link.waiting.has(member)) {
      complain(`member "${member.clientId}" asks for a session, and does not wait for the connection`);
    }
  }
  for (const [packetId, use] of link.uses) {
    if (use.is === 'relay' && use.relay.packetId !== packetId) {
      complain(`packet id ${packetId} is of a relay that has ${use.relay.packetId}`);
    }
    if (use.is === 'subscribe' && use.filter.request?.packetId !== packetId) {
      complain(`packet id ${packetId} is of filter "${use.filter.filter}", which waits for nothing`);
    }
  }
  for (const [what, count] of [
    ['subscribe', link.subscribing],
    ['unsubscribe', link.unsubscribing],
  ]) {
    const out = [...link.uses.values()].filter((use: Thing) => use.is === what).length;
    if (out !== count) {
      complain(`${out} packets are out to ${what}, ${count} are counted`);
    }
  }
  checkNobodyStalls(link, complain);
  for (const relay of ofRelays(link)) {
    if (relay.packetId === 0 || link.uses.get(relay.packetId)?.relay !== relay) {
      complain(`a relay is out with packet id ${relay.packetId}, which is not its own`);
    }
  }
  for (const [, message] of hub.messages) {
    if (message.parcels.size === 0 && message.packetId === 0) {
      complain(`message ${message.number} is over, and is kept`);
    }
  }
}

function ofRelays(link: Thing): Thing[] {
  return [...link.out, ...link.again];
}

/** What could go on does. */
function checkNobodyStalls(link: Thing, complain: Complain): void {
  const isQuiet = link.probeUntil === undefined;
  if (link.phase !== 'up' || !isQuiet) {
    return;
  }
  const [suspect] = link.suspects;
  const isFilter = suspect?.constructor.name === 'SharedFilter';
  if (suspect && !link.accused && (isFilter || link.restoring.size === 0)) {
    complain(`${link.suspects.length} packets are suspected, and none is tried`);
  }
  for (const filter of link.restoring) {
    if (filter.request === undefined && !link.toSubscribe.has(filter) && !link.toFetch.has(filter)) {
      complain(`filter "${filter.filter}" is to be restored, and nothing goes out for it`);
    }
  }
  if (isFilter || suspect) {
    return;
  }
  if (link.toSubscribe.size > 0 && link.subscribing < 64 && !link.fetch) {
    complain(`${link.toSubscribe.size} filters wait for SUBSCRIBE, and nothing keeps them from it`);
  }
  const mayPublish = link.restoring.size === 0;
  for (const member of mayPublish ? link.ready.members : []) {
    if (member.unsent.length > 0 && link.hasRoom(member.unsent[0].qos)) {
      complain(`"${member.clientId}" has something to send, and nothing keeps it from that`);
    }
  }
}
