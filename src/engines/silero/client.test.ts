import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { vadWindowSamples } from '../../ports/voice-activity.js';
import { type SileroLimits, type SileroLogEvent, SileroVoiceActivity } from './client.js';

const entry = new URL('../../../test/conformance/hosts/small-worker.js', import.meta.url);
const opened: SileroVoiceActivity[] = [];

function detector(limits: Partial<SileroLimits> = {}, modelPath = '/nowhere') {
  const log: SileroLogEvent[] = [];
  const vad = new SileroVoiceActivity({ modelPath, entry, limits, log: (event) => log.push(event) });
  opened.push(vad);
  return { vad, log, stream: vad.open({ callId: 'call' }) };
}

function window(first: number): Float32Array {
  const samples = new Float32Array(vadWindowSamples);
  samples[0] = first;
  return samples;
}

async function untilStarted(log: readonly SileroLogEvent[], times: number): Promise<void> {
  await expect.poll(() => log.filter(({ type }) => type === 'started').length, { timeout: 10_000 }).toBe(times);
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

describe('a voice-activity worker', () => {
  it('that dies fails what it owes, refuses at once while it is away, and is back for the next window', async () => {
    const { vad, log, stream } = detector();
    await vad.start();
    expect(await stream.push(window(0.5))).toBe(0.5);
    const owed = Promise.allSettled([stream.push(window(-1)), stream.push(window(0.5))]);
    for (const outcome of await owed)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'host.died', retryable: true } });
    await expect(stream.push(window(0.5))).rejects.toMatchObject({ code: 'host.died' });
    await untilStarted(log, 2);
    expect(await stream.push(window(0.25))).toBe(0.25);
  });

  it('that hangs is ended and started again', async () => {
    const { vad, log, stream } = detector({ windowMs: 200 });
    await vad.start();
    await expect(stream.push(window(-2))).rejects.toMatchObject({ code: 'host.died' });
    await untilStarted(log, 2);
    expect(await stream.push(window(0.75))).toBe(0.75);
  });

  it('that dies again and again is started at growing distances, which an answer forgets', async () => {
    const { vad, log, stream } = detector({ firstRestartMs: 10 });
    await vad.start();
    for (let i = 1; i <= 3; i++) {
      await expect(stream.push(window(-1))).rejects.toMatchObject({ code: 'host.died' });
      await untilStarted(log, i + 1);
    }
    expect(await stream.push(window(0.5))).toBe(0.5);
    await expect(stream.push(window(-1))).rejects.toMatchObject({ code: 'host.died' });
    expect(log.flatMap((event) => (event.type === 'died' ? [event.restartInMs] : []))).toEqual([10, 20, 40, 10]);
  });

  it('that could not start says so, and is tried again without being asked', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'parley-vad-'));
    const broken = join(dir, 'broken');
    await writeFile(broken, '');
    const { vad, log, stream } = detector({}, broken);
    await expect(vad.start()).rejects.toMatchObject({ code: 'host.died', retryable: true });
    await untilStarted(log, 1);
    expect(await stream.push(window(0.5))).toBe(0.5);
    await rm(dir, { recursive: true });
  });
});
