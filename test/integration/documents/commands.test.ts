import { describe, expect, it } from '@jest/globals';
import { describePage, withCommands } from './describe-page.ts';
import { PAGES } from './pages.ts';
import { TOOLS } from './tools-page.ts';

describe('commands in documents', () => {
  it('are on these pages', () => {
    expect([TOOLS, ...PAGES].map(({ name }) => name).sort()).toEqual(withCommands);
  });
});

for (const page of PAGES) {
  describePage(page);
}
