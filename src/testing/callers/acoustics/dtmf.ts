import { ParleyError } from '../../../audio/error.js';
import { samplesOf } from '../../../audio/frame.js';
import { gainOf } from '../../../audio/loudness.js';
import { type CallerSound, type CallerWord, callerRateHz } from './caller-sound.js';

/** Rows and columns of the keypad, ITU-T Recommendation Q.23. */
const rowsHz = [697, 770, 852, 941];
const columnsHz = [1_209, 1_336, 1_477, 1_633];
const keypad = ['123A', '456B', '789C', '*0#D'];

export type DtmfOptions = {
  /** @defaultValue 100 */
  readonly toneMs?: number;
  /** @defaultValue 100 */
  readonly gapMs?: number;
  /** RMS of a key's two tones together, dBFS. @defaultValue -13 */
  readonly levelDb?: number;
  /** @defaultValue 16000 */
  readonly rateHz?: number;
};

/** A key clicks when its tones begin at full level. */
const fadeMs = 2;

/**
 * Keys pressed one after the other. They are no speech; `words` says which key sounds when.
 * @throws ParleyError `acoustics.dtmf` for a character that is not on the keypad
 */
export function dtmf(keys: string, options: DtmfOptions = {}): CallerSound {
  const { toneMs = 100, gapMs = 100, levelDb = -13, rateHz = callerRateHz } = options;
  const tone = samplesOf(toneMs, rateHz);
  const step = tone + samplesOf(gapMs, rateHz);
  const samples = new Float32Array(keys.length * step);
  const words: CallerWord[] = [];
  for (const [index, key] of [...keys].entries()) {
    const [low, high] = frequenciesOf(key);
    const amplitude = gainOf(levelDb);
    const fade = samplesOf(fadeMs, rateHz);
    for (let i = 0; i < tone; i++) {
      const angle = (2 * Math.PI * i) / rateHz;
      const ramp = Math.min(1, i / fade, (tone - 1 - i) / fade);
      // Two sines of amplitude a have the RMS a.
      samples[index * step + i] = amplitude * ramp * (Math.sin(angle * low) + Math.sin(angle * high));
    }
    const startMs = ((index * step) / rateHz) * 1000;
    words.push({ text: key, startMs, endMs: startMs + (tone / rateHz) * 1000 });
  }
  return { samples, rateHz, speech: [], words };
}

/** The two tones of a key. @throws ParleyError `acoustics.dtmf` */
export function frequenciesOf(key: string): readonly [number, number] {
  const row = keypad.findIndex((keys) => key.length === 1 && keys.includes(key));
  const column = keypad[row]?.indexOf(key) ?? -1;
  const low = rowsHz[row];
  const high = columnsHz[column];
  if (low === undefined || high === undefined)
    throw new ParleyError(`There is no key "${key}": expected 0 to 9, *, # or A to D.`, {
      code: 'acoustics.dtmf',
      status: 400,
    });
  return [low, high];
}
