import { expect, it } from 'vitest';
import { LevelActivity } from './level-activity.js';

const windowSamples = 512;

function sound(db: number, seed: number): Float32Array {
  let state = seed;
  const amplitude = 10 ** (db / 20) * Math.sqrt(3);
  return Float32Array.from({ length: windowSamples }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return amplitude * (state / 1_073_741_824 - 1);
  });
}

function judge(levelsDb: readonly number[]): number[] {
  const activity = new LevelActivity();
  return levelsDb.map((db, index) => activity.judge(sound(db, index + 1)));
}

const run = (db: number, windows: number): number[] => Array.from({ length: windows }, () => db);

it('what stands out of the room is speech, in a quiet room and in a loud one', () => {
  for (const roomDb of [-70, -45]) {
    const judged = judge([...run(roomDb, 30), ...run(-25, 60), ...run(roomDb, 30)]);
    expect(judged).toEqual([...run(0, 30), ...run(1, 60), ...run(0, 30)]);
  }
});

it('a room that gets louder for good stops being speech', () => {
  const judged = judge([...run(-60, 30), ...run(-40, 600)]);
  expect(judged[40]).toBe(1);
  expect(judged.at(-1)).toBe(0);
});

it('nothing is speech in digital silence, nor what is hardly there', () => {
  const activity = new LevelActivity();
  for (let i = 0; i < 50; i++) expect(activity.judge(new Float32Array(windowSamples))).toBe(0);
  expect(activity.judge(sound(-55, 3))).toBe(0);
  expect(activity.judge(sound(-30, 3))).toBe(1);
});
