/**
 * What counts as a citation in a piece of prose: a comment, the name of a test, a line of Markdown.
 *
 *   rule        T-18 · T-r6 · SL-14 · I-24; a letter behind it (T-03 a; T-12 d, e) names a part of the rule
 *   range      : each of them
 *   section     §6.14, or in a list 6.14 alone: from 4 on a section of MQTT-SN v1.2, below it a chapter of the rules
 *   item        3.5 item 6 · 3.5 items 2, 4 and 5 · 3.5 items 3 to 5
 *   MQTT        MQTT 4.7.1, a section of MQTT 5; but MQTT 3.1, 3.1.1 and 5.0 are versions
 *   RFC         RFC 6347 4.2.1, a section of an RFC; RFC 1055 alone is none
 *   the others  design 1.5 · appendix B · Table 3 · Fig. 4 · field note 5 · field notes 2 and 4
 *
 * A number with a dot may be anything, and N-1 is arithmetic elsewhere. They count in a list only: in parentheses with nothing else
 * between the commas, colons and semicolons, as in (6.2; C-1, 3.4: why), or where a comment begins, as in "3.4, S-1: why".
 */

/** One way to cite. `inList`: it counts in a list only. */
interface Form {
  readonly pattern: RegExp;
  readonly inList?: true;
  ids(match: RegExpExecArray): readonly string[];
}

const SECTION = String.raw`(?:[4-7]\.[1-9]\d?\.[1-9]\d?|[1-7]\.[1-9]\d?)`;
const NUMBERS = String.raw`\d+(?:(?: to |, | and )\d+(?!\w|\.\d))*`;
/** Up to 199: P-256 is no rule. */
const NUMBER = String.raw`(?:1\d\d|\d{1,2})`;
const KIND = '(?:T-r|SL-|[ACDFGIKPQRSTUWX]-)';

const FORMS: readonly Form[] = [
  {
    pattern: RegExp(String.raw`(?<![\w-])(${KIND})(${NUMBER}(?: to \1${NUMBER})?)(?!\w|[-.]\d)`, 'g'),
    ids: ([, kind = '', numbers = '']) => expanded(numbers.replace(kind, '')).map((number) => `${kind}${number}`),
  },
  { pattern: /(?<![\w-])N-\d{1,2}(?!\w)/g, inList: true, ids: ([id]) => [id] },
  { pattern: /§\d+(?:\.\d+)*/g, ids: ([id]) => [id] },
  {
    pattern: RegExp(String.raw`(?<![\w.§-])${SECTION}(?!\w|\.\d| items? \d)`, 'g'),
    inList: true,
    ids: ([section]) => [section >= '4' ? `§${section}` : section],
  },
  {
    pattern: RegExp(String.raw`(?<![\w.-])(${SECTION}) item(?: (\d+)(?!\w)|s (${NUMBERS}))`, 'g'),
    ids: ([, section, one, several = '']) => expanded(one ?? several).map((number) => `${section} item ${number}`),
  },
  { pattern: /(?<![\w-])MQTT (?!3\.1(?:\.1)?(?!\w|\.\d)|5\.0)\d+(?:\.\d+)+/g, ids: ([id]) => [id] },
  { pattern: /(?<![\w-])RFC \d{4} \d+(?:\.\d+)*(?!\w|\.\d)/g, ids: ([id]) => [id] },
  { pattern: /(?<!\w)[Dd]esign \d(?:\.\d+)?(?!\w|\.\d)/g, ids: ([id]) => [id.toLowerCase()] },
  { pattern: /(?<!\w)[Aa]ppendix ([A-Z])(?!\w)/g, ids: ([, letter]) => [`appendix ${letter}`] },
  { pattern: /(?<!\w)(?:Table|Fig\.) \d+(?!\w)/g, ids: ([id]) => [id] },
  {
    pattern: RegExp(String.raw`(?<!\w)[Ff]ield note(?: (\d+)(?!\w)|s (${NUMBERS}))`, 'g'),
    ids: ([, one, several = '']) => expanded(one ?? several).map((number) => `field note ${number}`),
  },
];

/** The ids that a piece of prose cites, each as often as it does. */
export function citations(prose: string): string[] {
  return FORMS.flatMap(({ pattern, inList, ids }) =>
    [...prose.matchAll(pattern)]
      .filter((match) => inList === undefined || isListed(prose, match.index, match.index + match[0].length))
      .flatMap(ids),
  );
}

/** What may stand before a number where a comment begins: other citations, with commas. */
const LEADING = RegExp(
  String.raw`^(?:(?:(?:N-|${KIND})\d+(?: [a-z])?|§?${SECTION}(?: items? [\d andto]+)?|(?:design|MQTT) [\d.]+|Fig\. \d), )*$`,
);

function isListed(prose: string, from: number, to: number): boolean {
  const before = prose.slice(0, from);
  const isInParentheses = before.split('(').length > before.split(')').length && /[(,;:]\s?$/.test(before);
  return (isInParentheses || LEADING.test(before)) && /^(?:[),;:]|$)/.test(prose.slice(to));
}

/** `2, 4 to 6 and 9`: 2, 4, 5, 6, 9. A number keeps its leading zero. */
function expanded(numbers: string): string[] {
  return numbers.split(/, | and /).flatMap((one) => {
    const [first = '', last = first] = one.split(' to ');
    const from = Math.min(Number(first), Number(last));
    const to = Math.max(Number(first), Number(last));
    return Array.from({ length: to - from + 1 }, (_, index) => String(from + index).padStart(first.length, '0'));
  });
}
