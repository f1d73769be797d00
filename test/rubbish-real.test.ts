import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryOfTree } from '../bench/support/process-memory.js';
import { WatchedProcess } from '../bench/support/watched-process.js';
import { readClips } from '../src/cli/call/call-files.js';
import { runCall } from '../src/cli/call/run-call.js';
import { nodeSockets } from '../src/client/node-socket.js';
import { fixtureRecordingsOf } from './fixtures/recordings.js';
import { modelsAreSkipped } from './support/models.js';
import { frame, RawConnection } from './support/raw-connection.js';
import { toneBase64 } from './support/tone.js';

const readyWithinMs = 600_000;
const mostMemory = 2;
const [order] = fixtureRecordingsOf('order');

describe.skipIf(modelsAreSkipped(1))('rubbish for a server with its real engines', () => {
  let server: WatchedProcess;
  let dataDir: string;
  let port: number;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-rubbish-'));
    server = new WatchedProcess(['bin/parley.js', 'start'], {
      PARLEY_PORT: '0',
      PARLEY_HOST: '127.0.0.1',
      PARLEY_API_KEY: '',
      PARLEY_DRAIN_MS: '0',
      PARLEY_DATA_DIR: dataDir,
      PARLEY_SELF_TEST: 'off',
    });
    port = Number((await server.wrote(/listens at https?:\/\/127\.0\.0\.1:(\d+)/, readyWithinMs))[1]);
    await server.wrote(/Ready after/, readyWithinMs);
  }, 660_000);

  afterAll(async () => {
    await server?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('costs no host and no memory, and the next call is answered', async () => {
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
    const url = `ws://127.0.0.1:${port}/v1/realtime?model=parley`;
    const result = await runCall({ url, clips: await readClips([order?.path ?? '']), openSocket: nodeSockets() });
    half.destroy();
    expect(result.turns.map(({ outcome }) => outcome)).toEqual(['answered']);
    expect(memoryOfTree(server.pid, 'main').map(({ pid }) => pid)).toEqual(hosts);
    expect((await server.settled()).rssBytes / before.rssBytes).toBeLessThan(mostMemory);
  }, 120_000);
});
