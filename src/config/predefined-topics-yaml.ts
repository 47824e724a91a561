/** Our own form: a map of client ids (or `"*"`) to maps of topic ids to names. */
import { isMap, isScalar } from 'yaml';
import type { PredefinedTopicsBuilder, Written } from './predefined-topics-builder.ts';
import { keyText, kindOfNode, scalarText, YamlSource } from './yaml-source.ts';

/** Reads a YAML text; places and duplicate keys are those of the text. */
export function readTopicsYaml(text: string, builder: PredefinedTopicsBuilder): void {
  const yaml = new YamlSource(text, builder.source, { uniqueKeys: false });
  const unquoted = yaml.isBroken ? lineOfUnquotedStar(text) : undefined;
  if (unquoted !== undefined) {
    // What the parser says of it speaks of aliases, which nobody meant.
    builder.report({ line: unquoted, column: 1 }, 'write "*": in quotes; without them * means something else in YAML');
    return;
  }
  for (const problem of yaml.problems) {
    builder.problems.add(problem);
  }
  if (yaml.isBroken) {
    return;
  }

  const { contents } = yaml.document;
  if (kindOfNode(contents) === 'nothing') {
    return;
  }
  if (!isMap(contents)) {
    builder.report(
      yaml.placeOf(contents),
      `expected a map of client ids (or "*") to topic ids, found ${kindOfNode(contents)}`,
    );
    return;
  }
  const clients = new Map<string, number>();
  let flat: Written | undefined;
  for (const client of contents.items) {
    const clientId: Written = { text: keyText(client), ...yaml.placeOf(client.key) };
    const line = clients.get(clientId.text);
    if (line === undefined) {
      clients.set(clientId.text, clientId.line);
    } else {
      builder.report(clientId, `client ${JSON.stringify(clientId.text)} is in line ${line} already`);
    }

    const topics = yaml.resolve(client.value);
    if (!isMap(topics)) {
      const message = `expected a map of topic ids to names for client ${JSON.stringify(clientId.text)}, found ${kindOfNode(topics)}`;
      if (isFlat(clientId.text, topics)) {
        flat ??= clientId;
      } else if (kindOfNode(topics) !== 'nothing') {
        builder.report(yaml.placeOf(client.value), message);
      }
      continue;
    }
    for (const topic of topics.items) {
      const topicId: Written = { text: keyText(topic), ...yaml.placeOf(topic.key) };
      const value = yaml.resolve(topic.value);
      const place = isScalar(value) && value.value === null ? topicId : yaml.placeOf(topic.value);
      if (isScalar(value) && (typeof value.value === 'string' || value.value === null)) {
        builder.add({
          clientId,
          topicId,
          topicName: { text: value.value === null ? '' : scalarText(value), line: place.line, column: place.column },
        });
      } else {
        builder.report(
          place,
          `expected a topic name, found ${kindOfNode(value)}${isScalar(value) ? ' (write it in quotes)' : ''}`,
        );
      }
    }
  }
  if (flat !== undefined) {
    builder.report(
      flat,
      `topic ids stand under a client id: put them under "*":, which is every client, found ${JSON.stringify(flat.text)} alone`,
    );
  }
}

/** Where `*:` stands without quotes; undefined: nowhere. */
function lineOfUnquotedStar(text: string): number | undefined {
  const line = text.split(/\r\n|\r|\n/).findIndex((each) => /^\{?\s*\*\s*:/.test(each));
  return line < 0 ? undefined : line + 1;
}

/** `1: sensors/boiler`, which says nothing of clients. */
function isFlat(key: string, value: unknown): boolean {
  return /^\d{1,5}$/.test(key) && isScalar(value) && typeof value.value === 'string';
}
