import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { PageStats } from './page-stats.js';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The talk page in a browser, in the words of somebody who uses it. */
export type TalkPage = {
  readonly page: Page;
  /** Everything that the page asked for, and every error that it or the browser complained of. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
  stats(): Promise<PageStats>;
  button(name: string): Locator;
  /** Waits until the page says that this is going on. */
  mood(name: string): Promise<void>;
  words(side: 'caller' | 'agent'): Promise<string[]>;
  /** The message that says what is wrong. */
  help(): Promise<string>;
  /** Violations that axe calls serious or critical. */
  violations(): Promise<string[]>;
  close(): Promise<void>;
};

export async function openTalkPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { readonly beforeLoad?: string } = {},
): Promise<TalkPage> {
  const { beforeLoad, ...contextOptions } = options;
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  if (beforeLoad !== undefined) await page.addInitScript(beforeLoad);
  await page.goto(url);
  return {
    page,
    requests,
    complaints,
    stats: () => page.evaluate<PageStats>('window.parleyTalk.stats'),
    button: (name) => page.getByRole('button', { name, exact: true }),
    mood: (name) => page.locator(`[data-talk-page][data-mood="${name}"]`).waitFor(),
    words: (side) => page.locator(`[data-side="${side}"] p`).allInnerTexts(),
    help: async () => (await page.locator('[data-kind="problem"], [data-kind="info"]').allInnerTexts()).join(),
    async violations() {
      await page.evaluate(await readFile(axePath, 'utf8'));
      return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`);
    },
    close: () => context.close(),
  };
}
