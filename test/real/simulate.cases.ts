import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateCommand } from '../../src/cli/simulate.js';
import type { SharedServer } from './support/shared-server.js';

type Document = {
  readonly scenarios: readonly {
    readonly runs: readonly { readonly passed: boolean; readonly verdicts: readonly { readonly met?: boolean }[] }[];
  }[];
};

export function simulateCases(server: () => SharedServer): void {
  describe('parley simulate', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'parley-simulate-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('plays recorded orders, and tells for each expectation what was seen', { timeout: 180_000 }, async () => {
      let out = '';
      let code: number | undefined;
      const command = simulateCommand({
        stdout: { write: (text) => (out += text) },
        stderr: { write: () => true },
        setExitCode: (value) => {
          code = value;
        },
      });
      await command.parseAsync(['smooth', '--url', server().realtime, '--json', '--keep', folder], { from: 'user' });
      const [scenario] = (JSON.parse(out) as Document).scenarios;
      const [run] = scenario?.runs ?? [];
      // How soon it answers is the machine's; that it answers both orders and understands them is not.
      expect(run?.verdicts.filter(({ met }) => met).length, out).toBeGreaterThan(7);
      expect(code).toBe(run?.passed ? undefined : 1);
      const kept = JSON.parse(await readFile(join(folder, 'smooth-1', 'call.json'), 'utf8')) as {
        heard: { text: string }[];
      };
      expect(kept.heard.map(({ text }) => text.toLowerCase()).join(' ')).toMatch(/coffee/);
    });
  });
}
