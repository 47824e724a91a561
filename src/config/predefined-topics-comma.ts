/** Lines `ClientID, TopicName, TopicID`, the form of the best-known C++ gateway: the name stands before the id, `*` is every client. */
import type { PredefinedTopicsBuilder } from './predefined-topics-builder.ts';
import { fieldCount, fieldsOfLines } from './predefined-topics-lines.ts';

/** Reads all lines. */
export function readCommaLines(text: string, builder: PredefinedTopicsBuilder): void {
  for (const fields of fieldsOfLines(text, ',')) {
    const [clientId, topicName, topicId] = fields;
    if (clientId !== undefined && topicName !== undefined && topicId !== undefined && fields.length === 3) {
      builder.add({ clientId, topicName, topicId });
    } else {
      builder.report(
        fields[0] ?? { line: 1, column: 1 },
        `expected ClientID, TopicName, TopicID; found ${fieldCount(fields)}`,
      );
    }
  }
}
