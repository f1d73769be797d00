import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { decodeAudioFile } from '../src/audio/decode.js';
import { rms } from '../src/audio/loudness.js';
import { defaultPhraseTexts } from '../src/conversation/phrases.js';
import { parseEventLog } from '../src/conversation/read-event-log.js';
import { replay } from '../src/conversation/replay.js';
import { House } from './support/house.js';

/** The tones of the scripted voice: one word every 290 ms. */
const wordMs = 290;
const goodbyeMs = defaultPhraseTexts.goodbye.split(' ').length * wordMs;

async function start({ onTestFinished }: TestContext, drainMs: number): Promise<House> {
  const house = await House.start({ PARLEY_DRAIN_MS: String(drainMs) });
  onTestFinished(async () => void (await house.stop('SIGKILL')));
  return house;
}

async function ready(house: House): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${house.http}/ready`);
  return { status: response.status, body: await response.json() };
}

/** Told to stop, the server has said so. */
async function told(house: House, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  house.process.child.kill(signal);
  await house.process.wrote(new RegExp(`${signal}: no new calls`), 5_000);
}

async function storedCall(house: House): Promise<{ log: string; recording: Uint8Array }> {
  const calls = join(house.dataDir, 'calls');
  const [id = ''] = await readdir(calls);
  return {
    log: await readFile(join(calls, id, 'events.jsonl'), 'utf8'),
    recording: new Uint8Array(await readFile(join(calls, id, 'recording.wav'))),
  };
}

// A process for each, and most of its time is spent waiting.
describe.concurrent('a server that is told to stop', () => {
  it('ends at once when nobody is talking', async (test) => {
    const house = await start(test, 60_000);
    house.process.child.kill('SIGTERM');
    expect(await house.process.exited).toEqual({ code: 0, signal: null });
  });

  it('says that it is draining, takes no new calls, and lets one that is under way come to its end', async (test) => {
    const house = await start(test, 60_000);
    const call = await house.connect({ greeting: false });
    await call.exchange();
    await told(house);
    expect(await ready(house)).toEqual({ status: 503, body: { status: 'draining' } });
    await expect(house.connect()).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    expect(await call.exchange()).toBe('Velociraptor.');
    await call.close();
    expect(await house.process.exited).toEqual({ code: 0, signal: null });
  });

  it('says goodbye to whoever is still talking when the time is up, and keeps all of the call', async (test) => {
    const house = await start(test, 300);
    const call = await house.connect({ greeting: false });
    await call.exchange();
    const before = call.audioMs;
    await told(house);
    const goodbye = await call.next('response.done');
    expect(JSON.stringify(goodbye)).toContain(defaultPhraseTexts.goodbye);
    expect(await call.closed).toMatchObject({ code: 1000, reason: 'server-shutdown' });
    expect(call.audioMs - before).toBeGreaterThanOrEqual(goodbyeMs - wordMs);
    expect(await house.process.exited).toEqual({ code: 0, signal: null });

    const { log, recording } = await storedCall(house);
    const report = replay(parseEventLog(log));
    expect(report.differences).toEqual([]);
    expect(log.trim().split('\n').at(-1)).toContain('hung-up');
    const { channels, rateHz } = await decodeAudioFile(recording);
    const lastSecond = channels[1]?.subarray(-rateHz * (goodbyeMs / 1_000)) ?? new Float32Array(0);
    expect(rms(lastSecond)).toBeGreaterThan(0.01);
  });

  it('ends without those who do not take their goodbye', async (test) => {
    const house = await start(test, 0);
    const call = await house.connect({ greeting: false });
    await call.exchange();
    call.socket.pause();
    house.process.child.kill('SIGTERM');
    expect(await house.process.exited).toEqual({ code: 0, signal: null });
  });

  it('ends at once when it is told twice', async (test) => {
    const house = await start(test, 3_600_000);
    const call = await house.connect({ greeting: false });
    await call.exchange();
    await told(house, 'SIGINT');
    house.process.child.kill('SIGINT');
    expect(await house.process.exited).toEqual({ code: 130, signal: null });
    expect(await call.closed).toMatchObject({ code: 1006 });
  });
});
