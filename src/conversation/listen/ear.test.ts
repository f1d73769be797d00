import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../audio/loudness.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToTextInput } from '../../ports/speech-to-text.js';
import type { VoiceActivityStream } from '../../ports/voice-activity.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { Ear } from './ear.js';
import { defaultAutoGain, type TreatmentSettings } from './treatment-settings.js';

type Heard = { readonly probability: number; readonly atMs: number };

/** Voice activity answers with the first sample of the window. */
function rig(
  push: VoiceActivityStream['push'] = async (window) => window[0] as number,
  treatment?: TreatmentSettings,
  startMs = 0,
) {
  const clock = new VirtualClock({ startMs });
  const stt = new EventQueue<SpeechToTextInput>();
  const windows: Heard[] = [];
  const problems: string[] = [];
  let onWindow: (heard: Heard) => void = () => {};
  const ear = new Ear({
    vad: { push, close: () => {} },
    clock,
    stt,
    events: {
      onWindow: (probability, atMs) => {
        windows.push({ probability, atMs });
        onWindow({ probability, atMs });
      },
      onProblem: (error) => problems.push(error.message),
    },
    treatment,
  });
  const fed = async (): Promise<SpeechToTextInput[]> => {
    stt.end();
    const all: SpeechToTextInput[] = [];
    for await (const input of stt) all.push(input);
    return all;
  };
  const when = (react: (heard: Heard) => void): void => {
    onWindow = react;
  };
  return { clock, ear, stt, windows, problems, fed, when };
}

/** Samples that tell where they stand. */
function ramp(from: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (from + i) / 1e6);
}

function audioOf(inputs: readonly SpeechToTextInput[]): number[] {
  return inputs.flatMap((input) => (input.type === 'audio' ? [...input.samples] : []));
}

describe('ear', () => {
  it('judges whole windows of 32 ms, whatever the frames', async () => {
    const { ear, windows } = rig();
    for (let at = 0; at < 1_600; at += 160) await ear.take({ samples: ramp(at, 160), rateHz: 16_000 });
    expect(windows.map((each) => each.atMs)).toEqual([32, 64, 96]);
    expect(windows.map((each) => Math.round(each.probability * 1e6))).toEqual([0, 512, 1_024]);
    expect(ear.atMs).toBe(96);
  });

  it('knows where in the call the first sound of the agent is, though the caller has sent nothing yet', () => {
    const serverUpForMs = 70_000;
    const { ear } = rig(undefined, undefined, serverUpForMs);
    expect(ear.audioAt(serverUpForMs + 20)).toBe(20);
  });

  it('a detector that owes a window is not waited for: the level decides until it answers again', async () => {
    let hangs = true;
    const { clock, ear, windows, problems } = rig((window) =>
      hangs ? new Promise<number>(() => {}) : Promise.resolve(window[0] as number),
    );
    const take = (): Promise<void> => ear.take({ samples: new Float32Array(512).fill(0.25), rateHz: 16_000 });
    const first = take();
    await clock.advance(1_500);
    await first;
    expect(windows).toHaveLength(1);
    expect(problems).toEqual(['Voice activity has not judged a window within 1500 ms.']);
    // The next ones cost less than their own length: audio that is behind catches up.
    const later = take().then(take);
    await clock.advance(40);
    await later;
    expect(windows).toHaveLength(3);
    expect(problems).toHaveLength(1);
    hangs = false;
    await take();
    expect(windows.at(-1)?.probability).toBe(0.25);
    expect(clock.armed).toBe(0);
  });

  it('brings other rates to 16 kHz', async () => {
    const { ear, windows } = rig();
    for (let i = 0; i < 50; i++) await ear.take({ samples: new Float32Array(160), rateHz: 8_000 });
    expect(windows).toHaveLength(31);
  });

  it('feeds the transcript in step with the windows: whoever acts on one has sent no audio beyond it', async () => {
    const { ear, stt, fed, when } = rig();
    when(({ atMs }) => {
      if (atMs === 96) ear.openUtterance(1, 32);
      if (atMs === 192) stt.push({ type: 'freeze', utterance: 1, request: 1 });
    });
    // All at once.
    await ear.take({ samples: ramp(0, 16_000), rateHz: 16_000 });
    const inputs = await fed();
    expect(inputs[0]).toEqual({ type: 'start', utterance: 1 });
    const freeze = inputs.findIndex((input) => input.type === 'freeze');
    expect(audioOf(inputs.slice(0, freeze))).toEqual([...ramp(0, 192 * 16)]);
    // Without a seam.
    expect(audioOf(inputs)).toEqual([...ramp(0, 15_872)]);
  });

  it('an utterance begins 800 ms before its speech', async () => {
    const { ear, fed } = rig();
    await ear.take({ samples: ramp(0, 16_384), rateHz: 16_000 });
    ear.openUtterance(2, 960);
    const audio = audioOf(await fed());
    expect(audio).toHaveLength(((1_024 - 160) / 1000) * 16_000);
    expect(audio[0]).toBeCloseTo((160 * 16) / 1e6, 9);
  });

  it('no utterance begins with audio that is forgotten', async () => {
    const { ear, fed } = rig();
    await ear.take({ samples: ramp(0, 16_384), rateHz: 16_000 });
    ear.forget(900);
    ear.openUtterance(2, 960);
    expect(audioOf(await fed())).toHaveLength((1_024 - 900) * 16);
  });

  it('nothing is fed between utterances', async () => {
    const { ear, fed } = rig();
    await ear.take({ samples: ramp(0, 5_120), rateHz: 16_000 });
    ear.openUtterance(1, 320);
    ear.closeUtterance(1);
    await ear.take({ samples: ramp(0, 5_120), rateHz: 16_000 });
    expect((await fed()).map((input) => input.type)).toEqual(['start', 'audio', 'end']);
  });

  it('closing an older utterance leaves the current one open', async () => {
    const { ear, fed } = rig();
    ear.openUtterance(2, 0);
    ear.closeUtterance(1);
    await ear.take({ samples: ramp(0, 512), rateHz: 16_000 });
    expect((await fed()).map((input) => input.type)).toEqual(['start', 'audio', 'end', 'audio']);
  });

  it('gives the end-of-turn model the turn with its beginning, and no more than it looks at', async () => {
    const { ear } = rig();
    await ear.take({ samples: ramp(0, 32_000), rateHz: 16_000 });
    const { atMs } = ear;
    expect(ear.since(1_000, 8_000)).toHaveLength((atMs - 200) * 16);
    expect(ear.since(1_000, 500)).toHaveLength(8_000);
    expect(ear.since(100, 8_000)).toHaveLength(atMs * 16);
  });

  it('silence goes on when the audio stops in a pause: after 160 ms, then at the pace of the clock', async () => {
    const { clock, ear, windows } = rig();
    await ear.take({ samples: new Float32Array(512), rateHz: 16_000 });
    const filledMs: number[] = [];
    for (let ms = 32; ms <= 512; ms += 32) {
      await clock.advance(32);
      filledMs.push(await ear.fill(false));
    }
    expect(filledMs).toEqual([0, 0, 0, 0, ...Array<number>(12).fill(32)]);
    expect(windows).toHaveLength(13);
    expect(windows.at(-1)).toEqual({ probability: 0, atMs: 416 });
  });

  it('hears the seam of a stall at any rate as a recording of the same has it', async () => {
    const tone = Float32Array.from({ length: 24_000 }, (_, i) => 0.5 * Math.sin(i / 20));
    const hear = async (speak: (ear: Ear, clock: VirtualClock) => Promise<void>): Promise<number[]> => {
      const heard: number[] = [];
      const { ear, clock } = rig(async (window) => {
        heard.push(...window);
        return 0;
      });
      await speak(ear, clock);
      return heard;
    };
    const stalled = await hear(async (ear, clock) => {
      await ear.take({ samples: tone.subarray(0, 12_000), rateHz: 24_000 });
      await clock.advance(200);
      expect(await ear.fill(false)).toBe(32);
      await ear.take({ samples: tone.subarray(12_000), rateHz: 24_000 });
    });
    const recorded = new Float32Array(24_768);
    recorded.set(tone.subarray(0, 12_000));
    recorded.set(tone.subarray(12_000), 12_768);
    const again = await hear(async (ear) => await ear.take({ samples: recorded, rateHz: 24_000 }));
    expect(stalled.length).toBeGreaterThan(15_000);
    expect(stalled).toEqual(again);
  });

  it('a stall in the middle of speech is waited for much longer', async () => {
    const { clock, ear, windows } = rig();
    await ear.take({ samples: new Float32Array(512), rateHz: 16_000 });
    await clock.advance(1_499);
    expect(await ear.fill(true)).toBe(0);
    await clock.advance(1);
    expect(await ear.fill(true)).toBe(32);
    expect(windows).toHaveLength(2);
  });

  it('nothing is filled while audio comes', async () => {
    const { clock, ear } = rig();
    for (let i = 0; i < 50; i++) {
      await clock.advance(20);
      await ear.take({ samples: new Float32Array(320), rateHz: 16_000 });
      expect(await ear.fill(false)).toBe(0);
    }
  });

  it('a window that cannot be judged counts as silence, and the call goes on', async () => {
    let count = 0;
    const { ear, windows, problems } = rig(async () => {
      count += 1;
      if (count === 2) throw new Error('the detector is gone');
      return 0.9;
    });
    await ear.take({ samples: new Float32Array(3 * 512), rateHz: 16_000 });
    expect(windows.map((each) => each.probability)).toEqual([0.9, 0, 0.9]);
    expect(problems).toEqual(['the detector is gone']);
    expect(ear.atMs).toBe(96);
  });

  it('treats audio before voice activity, speech to text and the end-of-turn model hear it', async () => {
    const judged: number[] = [];
    const push = async (window: Float32Array): Promise<number> => {
      judged.push(rmsDb(window));
      return 1;
    };
    const { ear, fed } = rig(push, { denoise: false, gain: defaultAutoGain });
    ear.openUtterance(1, 0);
    // Half a second of a quiet room, then a quiet caller.
    for (let i = 0; i < 100; i++) {
      const level = i < 16 ? 0.0001 : 0.004;
      const samples = Float32Array.from({ length: 512 }, (_, at) => level * Math.sin((2 * Math.PI * 32 * at) / 512));
      await ear.take({ samples, rateHz: 16_000 });
    }
    expect(judged[0]).toBeCloseTo(-83, 0);
    expect(judged.at(-1)).toBeGreaterThan(-30);
    expect(rmsDb(ear.since(3_168, 32))).toBeCloseTo(judged.at(-1) as number, 1);
    ear.close();
    expect(rmsDb(Float32Array.from(audioOf(await fed()).slice(-512)))).toBeCloseTo(judged.at(-1) as number, 1);
  });
});
