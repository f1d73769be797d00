import { describe, expect, it } from 'vitest';
import { memoryOfTree } from '../../bench/support/process-memory.js';
import { readClips } from '../../src/cli/call/call-files.js';
import { runCall } from '../../src/cli/call/run-call.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { fixtureRecordingsOf } from '../fixtures/recordings.js';
import { frame, RawConnection } from '../support/raw-connection.js';
import { toneBase64 } from '../support/tone.js';
import type { SharedServer } from './support/shared-server.js';

const mostMemory = 2;
const [order] = fixtureRecordingsOf('order');

export function rubbishCases(at: () => SharedServer): void {
  describe('rubbish', () => {
    it('costs no host and no memory, and the next call is answered', async () => {
      const { process: server, realtime: url } = at();
      const port = Number(new URL(url).port);
      const hosts = memoryOfTree(server.pid, 'main').map(({ pid }) => pid);
      const before = await server.settled();
      const append = (audio: string) => frame(JSON.stringify({ type: 'input_audio_buffer.append', audio }));
      const attacks: readonly (readonly [Uint8Array, number | string])[] = [
        [frame('{', { announcedBytes: 1024 ** 3 }), 1009],
        [frame('{}', { masked: false }), 1002],
        [frame(Buffer.from([0xc3, 0x28])), 1007],
        [frame(Buffer.alloc(1_000), { opcode: 2 }), 'invalid_frame'],
        [frame('['.repeat(1_000_000)), 'invalid_json'],
        [append(toneBase64(0, 60_000)), 'invalid_audio'],
        [Buffer.concat(Array.from({ length: 10_000 }, () => frame('x'))), 'invalid_json'],
        [Buffer.concat(Array.from({ length: 5_000 }, () => append('AAA='))), 'response.output_audio.delta'],
      ];
      for (const [bytes, expected] of attacks) {
        const connection = await RawConnection.upgraded(port);
        connection.write(bytes);
        if (typeof expected === 'number') expect(await connection.closeCode()).toBe(expected);
        else await connection.until((text) => text.includes(expected));
        connection.socket.resetAndDestroy();
      }
      const half = await RawConnection.upgraded(port);
      half.write(frame('{"type":', { announcedBytes: 1_000 }));
      const result = await runCall({ url, clips: await readClips([order?.path ?? '']), openSocket: nodeSockets() });
      half.destroy();
      expect(result.turns.map(({ outcome }) => outcome)).toEqual(['answered']);
      expect(memoryOfTree(server.pid, 'main').map(({ pid }) => pid)).toEqual(hosts);
      expect((await server.settled()).rssBytes / before.rssBytes).toBeLessThan(mostMemory);
    }, 120_000);
  });
}
