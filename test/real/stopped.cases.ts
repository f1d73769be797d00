import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HeardAgain } from '../../src/conversation/explain/hear-again.js';
import { runParley } from '../support/run-parley.js';
import type { SharedServer } from './support/shared-server.js';

/** Stops the server, and looks at what it leaves behind of the calls that were its first. */
export function stoppedCases(server: () => SharedServer): void {
  describe('when it is stopped', () => {
    it('SIGTERM ends the server cleanly', async () => {
      expect(await server().process.stop()).toEqual({ code: 0, signal: null });
    });

    it('the ears, run again on the recorded caller, hear what they heard in the call', async () => {
      const callsDir = join(server().dataDir, 'calls');
      const calls = await readdir(callsDir);
      const logs = await Promise.all(calls.map((call) => readFile(join(callsDir, call, 'events.jsonl'), 'utf8')));
      // In the order of their beginnings: the first one, and the fifth, whose network stalls.
      const startedAt = (index: number): string => /"startedAt":"([^"]+)"/.exec(logs[index] ?? '')?.[1] ?? '';
      const spoken = calls
        .map((call, index) => ({ call, at: startedAt(index), heard: logs[index]?.includes('"type":"final"') }))
        .filter(({ heard }) => heard)
        .sort((a, b) => a.at.localeCompare(b.at))
        .filter((_, index) => index === 0 || index === 4)
        .map(({ call }) => call);
      expect(spoken).toHaveLength(2);
      for (const call of spoken) {
        const { stdout } = await runParley(['replay', join(callsDir, call), '--ears', '--json']);
        const { ears } = JSON.parse(stdout) as { ears: HeardAgain };
        expect(ears.windows.compared).toBeGreaterThan(0);
        expect(ears.windows.beyondTolerance).toBe(0);
        expect(ears.estimates.beyondTolerance).toBe(0);
        expect(ears.transcripts.compared).toBeGreaterThan(0);
        // Partials prime the final, and the log does not say which there were: near ties between two words can flip.
        expect(ears.transcripts.compared - ears.transcripts.sameWords).toBeLessThanOrEqual(2);
      }
    }, 60_000);
  });
}
