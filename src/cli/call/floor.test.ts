import { describe, expect, it } from 'vitest';
import { createFloor, type Floor, type FloorAction, type FloorPlan } from './floor.js';
import { defaultCallTiming, frameMs } from './timing.js';

type Stretch = readonly [fromMs: number, toMs: number];
/** A reply: created, audible, done. Without `doneMs` it is done when it falls silent. */
type Reply = {
  readonly id: string;
  readonly createdMs: number;
  readonly audible?: Stretch;
  readonly doneMs?: number;
  readonly cancelledMs?: number;
};

/** Steps a floor through a scene and returns what it did, with times. Each file lasts `clipMs`. */
function scene(
  replies: readonly Reply[],
  options: Partial<FloorPlan> & { clipMs?: number; lengthMs?: number } = {},
): { floor: Floor; actions: (readonly [number, FloorAction['type']])[] } {
  const floor = createFloor({ speechEndsMs: [1_000, 1_000], greeting: false, timing: defaultCallTiming, ...options });
  const actions: (readonly [number, FloorAction['type']])[] = [];
  let clipUntilMs = 0;
  for (let nowMs = 0; nowMs < (options.lengthMs ?? 60_000); nowMs += frameMs) {
    for (const { id, createdMs, cancelledMs } of replies) {
      if (createdMs === nowMs) floor.replyCreated(id);
      if (cancelledMs === nowMs) floor.replyCancelled(id, nowMs);
    }
    const audible = replies.find(({ audible }) => audible && nowMs >= audible[0] && nowMs < audible[1]);
    const busy = replies.some(
      ({ createdMs, audible, doneMs, cancelledMs }) =>
        nowMs >= createdMs && nowMs < (cancelledMs ?? doneMs ?? audible?.[1] ?? createdMs),
    );
    const inClip = nowMs < clipUntilMs;
    const action = floor.step({ nowMs, audible: audible?.id ?? null, audibleFromMs: 0, busy, inClip });
    if (action.type !== 'none') actions.push([nowMs, action.type]);
    if (action.type === 'play') clipUntilMs = nowMs + (options.clipMs ?? 2_000);
    if (action.type === 'cut') clipUntilMs = nowMs;
    if (action.type === 'end') break;
  }
  return { floor, actions };
}

describe('the floor', () => {
  it('waits for the greeting and for 400 ms of silence after it', () => {
    const { actions } = scene([{ id: 'g', createdMs: 0, audible: [500, 1_500] }], { greeting: true });
    expect(actions[0]).toEqual([1_900, 'play']);
  });

  it('does not take a pause within the greeting for its end', () => {
    const replies: Reply[] = [
      { id: 'g', createdMs: 0, audible: [500, 1_000], doneMs: 2_500 },
      { id: 'g2', createdMs: 0, audible: [2_000, 2_500] },
    ];
    expect(scene(replies, { greeting: true }).actions[0]).toEqual([2_900, 'play']);
  });

  it('waits at most ten seconds for a greeting to begin', () => {
    expect(scene([], { greeting: true }).actions[0]).toEqual([10_000, 'play']);
  });

  it('cuts the room tone of a file 200 ms into the answer, and ends a turn after 700 ms of silence', () => {
    const { floor, actions } = scene([{ id: 'r', createdMs: 1_600, audible: [1_800, 3_000] }]);
    expect(actions.slice(0, 3)).toEqual([
      [300, 'play'],
      [2_000, 'cut'],
      // 700 ms of silence, then a pause of 300.
      [4_000, 'play'],
    ]);
    expect(floor.turns[0]).toMatchObject({ outcome: 'answered', onsetMs: 1_800, cutMs: 2_000, cutOff: false });
  });

  it('never cuts a file before the speech in it has ended', () => {
    const { floor, actions } = scene([{ id: 'r', createdMs: 600, audible: [700, 3_000] }]);
    expect(actions[1]).toEqual([1_300, 'cut']);
    expect(floor.turns[0]).toMatchObject({ outcome: 'answered', cutOff: true });
  });

  it('does not take a reply that ended before the caller had finished for the answer', () => {
    const { floor } = scene([
      { id: 'early', createdMs: 500, audible: [600, 900] },
      { id: 'r', createdMs: 1_700, audible: [1_900, 3_000] },
    ]);
    expect(floor.turns[0]).toMatchObject({ outcome: 'answered', onsetMs: 1_900, cutOff: true });
  });

  it('waits for a second response that carries on with the answer', () => {
    const { actions } = scene([
      { id: 'filler', createdMs: 1_500, audible: [1_600, 2_000] },
      { id: 'r', createdMs: 2_200, audible: [4_000, 5_000] },
    ]);
    expect(actions.filter(([, type]) => type === 'play')[1]).toEqual([6_000, 'play']);
  });

  it('counts a turn as missed 8 s after the file has ended', () => {
    const { floor, actions } = scene([]);
    // 300 + the file of 2,000 + 8,000 + a pause of 300.
    expect(actions[1]).toEqual([10_600, 'play']);
    expect(floor.turns.map(({ outcome }) => outcome)).toEqual(['missed', 'missed']);
  });

  it('says when the server took its answer back and gave no other', () => {
    const { floor } = scene([{ id: 'r', createdMs: 1_500, audible: [1_600, 1_900], cancelledMs: 1_900 }]);
    expect(floor.turns[0]).toMatchObject({ outcome: 'cancelled', onsetMs: null });
  });

  it('takes the next answer when the first was taken back', () => {
    const { floor } = scene([
      { id: 'r', createdMs: 1_500, audible: [1_600, 1_900], cancelledMs: 1_900 },
      { id: 'r2', createdMs: 2_500, audible: [2_600, 3_000] },
    ]);
    expect(floor.turns[0]).toMatchObject({ outcome: 'answered', onsetMs: 2_600 });
  });

  it('loses patience with an answer that does not end within 30 s', () => {
    const { floor, actions } = scene([{ id: 'r', createdMs: 1_500, audible: [1_600, 60_000] }]);
    expect(floor.turns[0]?.outcome).toBe('unfinished');
    // 30 s after the end of the file, which was cut 200 ms into the answer.
    expect(actions.filter(([, type]) => type === 'play')[1]).toEqual([31_800, 'play']);
  });

  it('does not wait for ever for a response that is never done', () => {
    const { floor } = scene([{ id: 'r', createdMs: 1_500, audible: [1_600, 2_000], doneMs: 100_000 }]);
    expect(floor.turns[0]?.outcome).toBe('unfinished');
  });

  it('interrupts after the given time, and gives the old reply to the old turn', () => {
    const replies: Reply[] = [
      { id: 'r', createdMs: 1_500, audible: [1_600, 3_400], cancelledMs: 3_400 },
      { id: 'r2', createdMs: 4_000, audible: [4_200, 5_000] },
    ];
    const { floor, actions } = scene(replies, { bargeInMs: 500 });
    expect(actions.filter(([, type]) => type === 'play')[1]).toEqual([2_100, 'play']);
    expect(floor.turns[0]).toMatchObject({ outcome: 'interrupted', onsetMs: 1_600 });
    expect(floor.turns[1]).toMatchObject({ outcome: 'answered', onsetMs: 4_200, cutOff: false });
  });

  it('interrupts each answer after its own time, and hears the rest out', () => {
    const replies: Reply[] = [
      { id: 'r', createdMs: 1_500, audible: [1_600, 3_400], cancelledMs: 3_400 },
      { id: 'r2', createdMs: 4_000, audible: [4_200, 9_000] },
      { id: 'r3', createdMs: 11_900, audible: [12_000, 15_000] },
    ];
    const lists = { bargeInMs: [500, 3_000], speechEndsMs: [1_000, 1_000, 1_000, 1_000] };
    const { floor, actions } = scene(replies, { ...lists, lengthMs: 17_000 });
    expect(actions.filter(([, type]) => type === 'play').map(([atMs]) => atMs)).toEqual([300, 2_100, 7_200, 16_000]);
    expect(floor.turns.map(({ outcome }) => outcome).slice(0, 2)).toEqual(['interrupted', 'interrupted']);
  });

  it('interrupts speech, not the silence behind a filler', () => {
    const replies: Reply[] = [
      { id: 'r', createdMs: 1_500, audible: [1_600, 1_800], doneMs: 6_000 },
      { id: 'rest', createdMs: 1_900, audible: [3_000, 6_000] },
    ];
    const { actions } = scene(replies, { bargeInMs: 500 });
    expect(actions.filter(([, type]) => type === 'play')[1]).toEqual([3_000, 'play']);
  });

  it('does not interrupt with no file left', () => {
    const { floor, actions } = scene([{ id: 'r', createdMs: 1_500, audible: [1_600, 4_000] }], {
      bargeInMs: 500,
      speechEndsMs: [1_000],
    });
    expect(floor.turns[0]?.outcome).toBe('answered');
    expect(actions.at(-1)).toEqual([4_700, 'end']);
  });

  it('does not begin a file while the agent speaks unasked', () => {
    const { actions } = scene([
      { id: 'r', createdMs: 1_500, audible: [1_600, 2_000] },
      { id: 'more', createdMs: 2_800, audible: [2_900, 4_000] },
    ]);
    expect(actions.filter(([, type]) => type === 'play')[1]?.[0]).toBeGreaterThanOrEqual(4_300);
  });
});
