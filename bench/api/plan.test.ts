import { expect, it } from 'vitest';
import { measures, planStreams, streamLevels } from './plan.js';

const texts = Array.from({ length: 10 }, (_, index) => `text ${index}`);
const inputs = { speech: texts, endpointed: texts, committed: texts, chat: texts };

it('levels of one measure differ in how many ask at once, not in what is asked', () => {
  const asked = streamLevels(['speech'], false).map((level) => {
    const { inputs: perStream } = planStreams(level, inputs, 3);
    expect(perStream).toHaveLength(level.streams);
    return Array.from({ length: level.requestsEach }, (_, round) => perStream.map((stream) => stream[round])).flat();
  });
  const [alone = [], four, eight] = asked;
  expect(new Set(alone)).toEqual(new Set(texts));
  expect(four).toEqual(alone);
  expect(eight).toEqual(alone);
});

it('a quick look asks for everything', () => {
  const levels = streamLevels(measures, true);
  expect(levels.map(({ measure, streams }) => `${measure} ${streams}`)).toHaveLength(12);
  for (const { requestsEach } of levels) expect(requestsEach).toBeGreaterThan(0);
});
