import { expect, it } from 'vitest';
import { measuredCall } from '../call/measured-call-fixture.js';
import { underFullLoad } from './full-load.js';

/** Three turns, whose ends are at 2, 11 and 20 s of the recording; 28 s long. */
const call = () => measuredCall([{ gapMs: 500 }, { gapMs: 500 }, { gapMs: 500 }]);

it('turns count whose end all calls of the level have heard', () => {
  const early = { call: call(), fromMs: 0, toMs: 28_000 };
  const late = { call: call(), fromMs: 10_000, toMs: 38_000 };
  const counts = underFullLoad([early, late], 2);
  const counted = [early, late].map(({ call: { analysis } }) => analysis.turns.map((recorded) => counts({ recorded })));
  expect(counted).toEqual([
    [false, true, true],
    [true, true, false],
  ]);
});

it('a call that follows another takes its place', () => {
  const calls = [
    { call: call(), fromMs: 0, toMs: 28_000 },
    { call: call(), fromMs: 29_000, toMs: 57_000 },
  ];
  const counts = underFullLoad(calls, 1);
  for (const { call } of calls) for (const recorded of call.analysis.turns) expect(counts({ recorded })).toBe(true);
});
