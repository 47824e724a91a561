import { describe, expect, it } from '@jest/globals';
import { visibleText } from '../../../../src/http/page/model/visible-text.ts';

describe('texts of strangers', () => {
  it.each([
    ['sensor-1', 'sensor-1'],
    ['', ''],
    ['Büro 3 – 日本 😀', 'Büro 3 – 日本 😀'],
    ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
    ['sensor-1\u200b', 'sensor-1\\u{200b}'],
    ['\u202etxt.exe', '\\u{202e}txt.exe'],
    ['\u0007\u001b[31m', '\\u{7}\\u{1b}[31m'],
    ['a\u2028b\u{e0041}', 'a\\u{2028}b\\u{e0041}'],
  ])('have nothing in them that is not seen: %j', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });
});
