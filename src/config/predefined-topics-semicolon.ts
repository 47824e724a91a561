/** Lines `clientID;topicName;topicID`, or `topicName;topicID` for every client. */
import type { PredefinedTopicsBuilder } from './predefined-topics-builder.ts';
import { fieldCount, fieldsOfLines } from './predefined-topics-lines.ts';

/** Reads all lines. */
export function readSemicolonLines(text: string, builder: PredefinedTopicsBuilder): void {
  for (const fields of fieldsOfLines(text, ';')) {
    const [first, second, third] = fields;
    if (first !== undefined && second !== undefined && third !== undefined && fields.length === 3) {
      builder.add({ clientId: first, topicName: second, topicId: third });
    } else if (first !== undefined && second !== undefined && fields.length === 2) {
      builder.add({ clientId: { ...first, text: '*' }, topicName: first, topicId: second });
    } else {
      builder.report(
        first ?? { line: 1, column: 1 },
        `expected clientID;topicName;topicID or topicName;topicID, found ${fieldCount(fields)}`,
      );
    }
  }
}
