import { samplesOf } from '../../src/audio/frame.js';

const rateHz = 16_000;
const clipMs = 8_000;

export type Clip = { readonly name: string; readonly samples: Float32Array };

/** What a line carries when nobody speaks, made here: the same in every run. */
export function nonSpeechClips(kitchen: Float32Array | undefined): Clip[] {
  const levels = [
    ['loud', 0.2],
    ['quiet', 0.01],
  ] as const;
  const made = levels.flatMap(([how, level]) => [
    { name: `white noise, ${how}`, samples: noise(level) },
    { name: `pink noise, ${how}`, samples: pink(level) },
    { name: `440 Hz tone, ${how}`, samples: sum(level, [440]) },
    { name: `dial tone, ${how}`, samples: sum(level, [350, 440]) },
    { name: `ringing, ${how}`, samples: gated(sum(level, [440, 480]), 2_000, 4_000) },
    { name: `busy, ${how}`, samples: gated(sum(level, [480, 620]), 500, 1_000) },
    { name: `hold beep, ${how}`, samples: gated(sum(level, [1_400]), 200, 3_000) },
    { name: `hold music, ${how}`, samples: music(level) },
    { name: `dialled digits, ${how}`, samples: gated(sum(level, [697, 1_209]), 100, 200) },
    { name: `clicks, ${how}`, samples: clicks(level) },
  ]);
  const length = samplesOf(clipMs, rateHz);
  const kitchenClips = kitchen
    ? Array.from({ length: Math.floor(kitchen.length / length) }, (_, index) => ({
        name: `kitchen ${index + 1}`,
        samples: kitchen.slice(index * length, (index + 1) * length),
      }))
    : [];
  return [{ name: 'digital silence', samples: new Float32Array(length) }, ...made, ...kitchenClips];
}

function each(value: (sample: number, seconds: number) => number): Float32Array {
  return Float32Array.from({ length: samplesOf(clipMs, rateHz) }, (_, index) => value(index, index / rateHz));
}

function noise(level: number): Float32Array {
  const random = randomNumbers();
  return each(() => (random() * 2 - 1) * level);
}

/** 3 dB less per octave, by the Voss-McCartney method: row k of the sum changes every 2^k samples. */
function pink(level: number): Float32Array {
  const random = randomNumbers();
  const rows = new Float64Array(12);
  return each((sample) => {
    for (let row = 0; row < rows.length; row++) if (sample % 2 ** row === 0) rows[row] = random() * 2 - 1;
    return (rows.reduce((total, value) => total + value, 0) / rows.length) * level * 2;
  });
}

function sum(level: number, frequencies: readonly number[]): Float32Array {
  return each((_, seconds) =>
    frequencies.reduce((total, hz) => total + (Math.sin(2 * Math.PI * hz * seconds) * level) / frequencies.length, 0),
  );
}

function gated(samples: Float32Array, onMs: number, everyMs: number): Float32Array {
  return samples.map((sample, index) => (((index / rateHz) * 1_000) % everyMs < onMs ? sample : 0));
}

/** Four chords of plucked notes with overtones, and a bass. */
function music(level: number): Float32Array {
  const chords = [
    [261.6, 329.6, 392],
    [220, 261.6, 329.6],
    [174.6, 220, 261.6],
    [196, 246.9, 293.7],
  ];
  const beatS = 0.5;
  return each((_, seconds) => {
    const chord = chords[Math.floor(seconds / (4 * beatS)) % chords.length] as number[];
    const inBeat = seconds % beatS;
    const note = chord[Math.floor(seconds / beatS) % chord.length] as number;
    const pluck = (hz: number): number =>
      [1, 2, 3, 4].reduce((total, n) => total + Math.sin(2 * Math.PI * hz * n * seconds) / n ** 1.5, 0);
    const held = chord.reduce((total, hz) => total + pluck(hz) * 0.15, 0);
    return (pluck(note * 2) * Math.exp(-inBeat * 5) * 0.5 + held + pluck((chord[0] as number) / 2) * 0.3) * level;
  });
}

function clicks(level: number): Float32Array {
  return each((sample) => (sample % 12_000 < 40 ? level * (1 - (sample % 12_000) / 40) : 0));
}

function randomNumbers(): () => number {
  let seed = 1;
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}
