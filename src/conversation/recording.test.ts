import { describe, expect, it } from 'vitest';
import { CallRecorder, recordingRateHz } from './recording.js';

type Channels = { readonly header: Buffer; readonly caller: number[]; readonly agent: number[] };

function rig() {
  const parts: Uint8Array[] = [];
  const recorder = new CallRecorder({ write: (bytes) => parts.push(bytes.slice()) });
  const read = (): Channels => {
    const all = Buffer.concat(parts);
    const caller: number[] = [];
    const agent: number[] = [];
    for (let at = 44; at < all.length; at += 4) {
      caller.push(all.readInt16LE(at));
      agent.push(all.readInt16LE(at + 2));
    }
    return { header: all.subarray(0, 44), caller, agent };
  };
  return { recorder, read };
}

const perMs = recordingRateHz / 1000;

function tone(ms: number, level: number): Float32Array {
  return new Float32Array(ms * perMs).fill(level);
}

/** Milliseconds at which a channel becomes loud, and quiet again. */
function edges(channel: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 1; i < channel.length; i++)
    if (Math.abs(channel[i] as number) > 1_000 !== Math.abs(channel[i - 1] as number) > 1_000) found.push(i / perMs);
  return found;
}

describe('call recorder', () => {
  it('writes a WAV header for two channels at 24 kHz of unknown length', () => {
    const { read } = rig();
    const { header } = read();
    expect(header.toString('latin1', 0, 4)).toBe('RIFF');
    expect(header.readUInt16LE(22)).toBe(2);
    expect(header.readUInt32LE(24)).toBe(24_000);
    expect(header.readUInt16LE(34)).toBe(16);
    expect(header.readUInt32LE(40)).toBe(0xffff_ffff);
  });

  it('stands the agent where the caller was when it could be heard', async () => {
    const { recorder, read } = rig();
    await recorder.caller({ samples: tone(300, 0.5), rateHz: 24_000 });
    await recorder.caller({ samples: tone(700, 0), rateHz: 24_000 });
    for (let ms = 0; ms < 200; ms += 20) recorder.agent(tone(20, 0.25), 800 + ms);
    await recorder.caller({ samples: tone(1_000, 0), rateHz: 24_000 });
    recorder.close();
    const { caller, agent } = read();
    expect(caller).toHaveLength(48_000);
    expect(agent).toHaveLength(48_000);
    expect(edges(caller)).toEqual([300]);
    expect(edges(agent)).toEqual([800, 1_000]);
  });

  it('frames that follow one another have no seam, though their times jitter', async () => {
    const { recorder, read } = rig();
    await recorder.caller({ samples: tone(100, 0), rateHz: 24_000 });
    for (let i = 0; i < 10; i++) recorder.agent(tone(20, 0.25), 500 + 20 * i + (i % 3) * 9);
    recorder.close();
    expect(edges(read().agent)).toEqual([500]);
    expect(read().agent).toHaveLength(700 * perMs);
  });

  it('an agent frame that comes up to half a second late is still put in its place', async () => {
    const { recorder, read } = rig();
    await recorder.caller({ samples: tone(1_000, 0), rateHz: 24_000 });
    recorder.agent(tone(20, 0.25), 520);
    await recorder.caller({ samples: tone(1_000, 0), rateHz: 24_000 });
    recorder.close();
    expect(edges(read().agent)).toEqual([520, 540]);
  });

  it('what comes later than that keeps the part that can still be written, and the channels stay aligned', async () => {
    const { recorder, read } = rig();
    await recorder.caller({ samples: tone(1_000, 0), rateHz: 24_000 });
    recorder.agent(tone(200, 0.25), 400);
    recorder.agent(tone(20, 0.25), 1_200);
    await recorder.caller({ samples: tone(1_000, 0), rateHz: 24_000 });
    recorder.close();
    expect(edges(read().agent)).toEqual([500, 600, 1_200, 1_220]);
    expect(read().caller).toHaveLength(48_000);
  });

  it('audio that did not come takes its time: what follows stands where it was heard', async () => {
    const { recorder, read } = rig();
    await recorder.caller({ samples: tone(200, 0.5), rateHz: 24_000 });
    recorder.silence(320);
    await recorder.caller({ samples: tone(200, 0.5), rateHz: 24_000 });
    recorder.close();
    expect(edges(read().caller)).toEqual([200, 520]);
  });

  it('brings the caller to 24 kHz, also when the rate changes', async () => {
    const { recorder, read } = rig();
    for (let i = 0; i < 50; i++) await recorder.caller({ samples: new Float32Array(160).fill(0.5), rateHz: 8_000 });
    for (let i = 0; i < 50; i++) await recorder.caller({ samples: new Float32Array(320).fill(0.5), rateHz: 16_000 });
    recorder.close();
    expect(read().caller).toHaveLength(48_000);
  });

  it('the agent may be heard after the caller is gone', async () => {
    const { recorder, read } = rig();
    await recorder.caller({ samples: tone(100, 0.5), rateHz: 24_000 });
    recorder.agent(tone(100, 0.25), 200);
    recorder.close();
    expect(read().agent).toHaveLength(300 * perMs);
    expect(edges(read().agent)).toEqual([200]);
  });
});
