import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { DEADLINE } from './deadline.ts';

/** Where the pictures are that tests make; nobody keeps them. */
const PICTURES = new URL('../integration/page/pictures/', import.meta.url).pathname;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1_440, height: 900 };

export interface PageOptions {
  readonly size?: { readonly width: number; readonly height: number };
  readonly scheme?: 'light' | 'dark';
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** A page in a browser of its own, and all that it complained of. */
export class PageUnderTest {
  readonly page: Page;
  /** Errors and warnings on the console, exceptions, and requests to anybody but the gateway. */
  readonly complaints: string[] = [];
  /** Dialogs that a script opened: none ever should. */
  readonly alerts: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(DEADLINE);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.complaints.push(`${message.type()}: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.complaints.push(`exception: ${error.message}`));
    page.on('request', (request) => {
      if (!/^(?:http:\/\/127\.0\.0\.1:\d+\/|data:)/.test(request.url())) {
        this.complaints.push(`request to ${request.url()}`);
      }
    });
    page.on('dialog', (dialog) => {
      this.alerts.push(dialog.message());
      void dialog.dismiss();
    });
  }

  /** A picture of what is in sight, or of the whole page. */
  async picture(name: string, whole = false): Promise<void> {
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: whole });
  }

  /** What axe-core finds against the rules of WCAG 2.2 (A and AA) and good practice: rule, weight, and the first elements. */
  async accessibilityFindings(): Promise<string[]> {
    if (!(await this.page.evaluate('typeof axe === "object"'))) {
      await this.page.evaluate(AXE);
    }
    const violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] =
      await this.page.evaluate(
        'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
      );
    return violations.map(
      ({ id, impact, nodes }) =>
        `${id} (${impact}): ${nodes
          .slice(0, 3)
          .map(({ html, failureSummary }) => `${html}\n${failureSummary}`)
          .join('\n')}`,
    );
  }

  /** By how many pixels the page is wider than the window. */
  async overhang(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }
}

/** For the top of a test file: Chromium for all its tests; opens pages, which are gone after each test. What they have loaded is kept for the next. */
export function browserBench(): (options?: PageOptions) => Promise<PageUnderTest> {
  let browser: Browser;
  const contexts = new Map<string, Promise<BrowserContext>>();
  const pages: Page[] = [];
  const contextOf = (options: PageOptions): Promise<BrowserContext> => {
    const { size = DESKTOP, scheme = 'light', credentials } = options;
    const made =
      contexts.get(JSON.stringify(options)) ??
      browser.newContext({
        viewport: size,
        colorScheme: scheme,
        reducedMotion: 'reduce',
        ...(credentials && { httpCredentials: credentials }),
      });
    contexts.set(JSON.stringify(options), made);
    return made;
  };
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      // Its own cage needs rights that not everybody has who runs tests; /dev/shm is small in containers.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
      timeout: DEADLINE,
    });
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.close()));
  });
  afterAll(() => browser?.close());
  return async (options = {}) => {
    const page = await (await contextOf(options)).newPage();
    pages.push(page);
    return new PageUnderTest(page);
  };
}
