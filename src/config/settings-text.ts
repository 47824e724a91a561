import { Document, isMap, isScalar } from 'yaml';
import { SETTINGS } from './setting-list.ts';

const WIDTH = 150;

/** What stands before the settings, each a paragraph. */
export interface SettingsHeading {
  readonly lines: readonly string[];
}

/** Settings as a file: each section with what the schema says of its settings behind it, where that is short. */
export function settingsText(settings: Readonly<Record<string, unknown>>, { lines }: SettingsHeading): string {
  const document = new Document(settings);
  document.commentBefore = lines.map((line) => (line === '' ? '' : ` ${line}`)).join('\n');
  for (const section of isMap(document.contents) ? document.contents.items : []) {
    const sectionName = String(isScalar(section.key) ? section.key.value : section.key);
    if (isScalar(section.key)) {
      section.key.spaceBefore = true;
    }
    for (const pair of isMap(section.value) ? section.value.items : []) {
      const comment = firstSentence(
        descriptionOf([sectionName, String(isScalar(pair.key) ? pair.key.value : pair.key)]),
      );
      if (comment !== undefined && isScalar(pair.value)) {
        pair.value.comment = ` ${comment}`;
      }
    }
  }
  return document.toString({ lineWidth: WIDTH });
}

/** Topic ids as a file of pre-defined topics. */
export function topicsText(topics: ReadonlyMap<string, ReadonlyMap<number, string>>, heading: string): string {
  const plain = Object.fromEntries([...topics].map(([clientId, names]) => [clientId, Object.fromEntries(names)]));
  const document = new Document(plain);
  document.commentBefore = ` ${heading}`;
  return document.toString({ lineWidth: WIDTH });
}

function descriptionOf(path: readonly string[]): string | undefined {
  return SETTINGS.find((setting) => setting.path.join('.') === path.join('.'))?.description;
}

function firstSentence(text: string | undefined): string | undefined {
  const [sentence] = text?.split(/(?<=\.) /) ?? [];
  return sentence === undefined || sentence.length > 100 ? undefined : sentence;
}
