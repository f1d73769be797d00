import { describe, expect, it } from 'vitest';
import { samplesOf } from '../../src/audio/frame.js';
import { gainOf } from '../../src/audio/loudness.js';
import { defaultAutoGain } from '../../src/conversation/listen/treatment-settings.js';
import type { TurnSettings } from '../../src/conversation/turn/settings.js';
import { randomFrom, whiteNoise } from '../../src/testing/seeded-random.js';
import { CallRig } from './support/call-rig.js';

const text = 'a large coffee with milk and two slices of apple pie please';

/** The caller speaks at -54 dBFS, in a room of -85: what is below -45 dBFS is silence to the detector. */
async function quietCall(treatment?: TurnSettings['treatment']): Promise<CallRig> {
  const rig = await CallRig.open({
    reply: (said) => `Okay, ${said}.`,
    ...(treatment ? { settings: { treatment } } : {}),
  });
  const speech = rig.callerSpeech(`${text} ${text}`);
  const room = whiteNoise(randomFrom(1), samplesOf(1_000, 16_000) + speech.length);
  const heard = room.map((sample) => sample * gainOf(-85));
  const from = heard.length - speech.length;
  for (const [i, sample] of speech.entries()) heard[from + i] = (heard[from + i] as number) + sample * gainOf(-40);
  rig.transport.connect();
  let said = false;
  void rig.transport.say(heard).then(() => {
    said = true;
  });
  await rig.clock.runUntil(() => said);
  await rig.clock.advance(5_000);
  return rig;
}

describe('a caller who is too quiet for voice activity', () => {
  it('is not heard as they are', async () => {
    const rig = await quietCall();
    expect(rig.of('turn-committed')).toEqual([]);
    await rig.end();
  });

  it('is heard with automatic gain, from the first second on', async () => {
    const rig = await quietCall({ denoise: false, gain: defaultAutoGain });
    expect(rig.of('turn-committed')).toHaveLength(1);
    expect(rig.heard()).toContain('apple pie please');
    await rig.end();
    expect(rig.problems()).toEqual([]);
  });
});
