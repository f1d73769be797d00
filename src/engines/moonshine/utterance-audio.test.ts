import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UtteranceAudio } from './utterance-audio.js';

it('keeps positions through appending and forgetting', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9_000), { maxLength: 10 }), fc.nat(100), (lengths, share) => {
      const audio = new UtteranceAudio();
      let at = 0;
      for (const length of lengths) {
        audio.append(Float32Array.from({ length }, () => at++));
        audio.forgetBefore(Math.floor((at * share) / 200));
      }
      expect(audio.end).toBe(at);
      const from = Math.ceil(at / 2);
      const part = audio.between(from, at + 10);
      expect(part.length).toBe(at - from);
      expect(part.every((value, index) => value === from + index)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('gives copies', () => {
  const audio = new UtteranceAudio();
  audio.append(Float32Array.of(1, 2, 3));
  const part = audio.between(0, 3);
  audio.forgetBefore(1);
  audio.append(Float32Array.of(4));
  expect([...part]).toEqual([1, 2, 3]);
});
