import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import { defaultDraftingSettings } from './draft-budget.js';
import type { OverlapEvidence, TimerName, TurnEventBody } from './events.js';
import { TurnChecker } from './turn-checker-fixture.js';
import { turnSettings } from './turn-fixture.js';

/** What happens next. `which` picks one of all that were ever asked for: old ones come late, and some come twice. */
type Happening =
  | {
      readonly kind: 'audio';
      readonly windows: number;
      readonly probability: number;
      /** Absent where nothing of the agent can be in it. */
      readonly overlap: OverlapEvidence | undefined;
    }
  /** Speech, silence after it, and what was said: more often than by chance. */
  | { readonly kind: 'utterance'; readonly windows: number; readonly silence: number; readonly text: string }
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'final'; readonly which: number; readonly text: string }
  | { readonly kind: 'final-failed' | 'draft-failed' | 'audible' | 'dry' | 'flows' | 'passage'; readonly which: number }
  | { readonly kind: 'end-of-turn'; readonly which: number; readonly probability: number }
  | { readonly kind: 'done'; readonly which: number; readonly endCall: boolean }
  | { readonly kind: 'event'; readonly event: TurnEventBody };

const settings = [
  turnSettings(),
  turnSettings({ detection: 'manual' }),
  turnSettings({ respond: false }),
  turnSettings({ detection: 'manual', respond: false }),
  turnSettings({ interruption: { enabled: false } }),
  turnSettings({ drafting: { ...defaultDraftingSettings, minDrafts: 1, maxQueueMs: 50 } }),
  turnSettings({
    talk: { prompts: { most: 2, afterMs: 15_000 }, backchannels: { enabled: true, afterMs: 100, everyMs: 0 } },
  }),
];

const which = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) });
const text = fc.constantFrom('', '', 'a', 'a coffee', 'a large coffee with milk please', 'uh-huh', 'stop');
const expected: readonly ExpectedAnswer[] = [{ kind: 'free' }, { kind: 'yes-no' }];
const evidence = fc.record(
  {
    foreign: fc.constantFrom(0, 0.2, 1, 1),
    voicing: fc.constantFrom(0.1, 0.9, 0.9),
    levelDb: fc.constantFrom(-20, -10, 0, 0),
    semitones: fc.constantFrom(0, 0, 9),
  },
  { requiredKeys: ['foreign', 'voicing', 'levelDb'] },
);
const turn = fc.nat({ max: 4 });
const timer = fc.constantFrom<TimerName[]>('dead-air', 'idle', 'overlap', 'keys');

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('audio' as const),
      windows: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 16 })),
      probability: fc.constantFrom(0.02, 0.02, 0.4, 0.95, 0.95),
      overlap: fc.option(evidence, { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('utterance' as const),
      windows: fc.integer({ min: 2, max: 12 }),
      silence: fc.integer({ min: 0, max: 12 }),
      text,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), ms: fc.nat({ max: 3_000 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('final' as const), which, text }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('end-of-turn' as const),
      which,
      probability: fc.constantFrom(0, 0.5, 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('final-failed' as const, 'draft-failed' as const, 'audible' as const, 'audible' as const),
      which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('dry' as const, 'flows' as const, 'passage' as const), which }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('done' as const), which, endCall: fc.constant(false) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      event: fc.oneof<fc.Arbitrary<TurnEventBody>[]>(
        fc.record({ type: fc.constant('partial' as const), turn, text }),
        fc.record({ type: fc.constant('partial' as const), turn, text, ours: fc.constantFrom(0, 1) }),
        fc.record({ type: fc.constant('expect' as const), answer: fc.constantFrom(...expected) }),
        fc.record({ type: fc.constant('timer' as const), timer }),
        fc.record({ type: fc.constant('client-commit' as const), bufferStartMs: fc.constant(0) }),
        fc.record({ type: fc.constant('client-commit' as const), bufferStartMs: fc.constant(0) }),
        fc.record({
          type: fc.constantFrom('client-clear' as const, 'client-respond' as const, 'client-cancel' as const),
        }),
        fc.record({ type: fc.constant('configure' as const), settings: fc.constantFrom(...settings) }),
        fc.record({ type: fc.constant('key' as const), digit: fc.constantFrom('1', '#') }),
        fc.record({ type: fc.constant('mute' as const), muted: fc.boolean() }),
        fc.record({ type: fc.constant('written' as const), written: fc.boolean() }),
        fc.record({ type: fc.constant('far-end' as const), reachable: fc.boolean() }),
        fc.record({ type: fc.constant('reply-working' as const), turn, revision: fc.nat({ max: 2 }) }),
        fc.record({ type: fc.constant('reply-working' as const), turn, revision: fc.nat({ max: 2 }) }),
      ),
    }),
  },
);

/** What ends a call, at most once in a sequence. */
const ending: fc.Arbitrary<Happening> = fc.oneof(
  fc.constant<Happening>({ kind: 'event', event: { type: 'hung-up', reason: 'gone' } }),
  fc.constant<Happening>({ kind: 'event', event: { type: 'timer', timer: 'max-call' } }),
  fc.constant<Happening>({ kind: 'event', event: { type: 'wind-down', reason: 'restart' } }),
  fc.record({ kind: fc.constant('done' as const), which, endCall: fc.constant(true) }),
);

const happenings = fc
  .tuple(fc.array(happening, { maxLength: 60 }), fc.option(ending), fc.array(happening, { maxLength: 10 }))
  .map(([before, end, after]) => (end ? [...before, end, ...after] : before));

/** The newest is 0. */
function pick<T>(list: readonly T[], at: number): T | undefined {
  return list[list.length - 1 - at];
}

function happen(checker: TurnChecker, what: Happening): void {
  switch (what.kind) {
    case 'audio':
      for (let i = 0; i < what.windows; i++) {
        checker.seenMs += 32;
        checker.window(what.probability, what.overlap);
      }
      return;
    case 'utterance':
      happen(checker, { kind: 'audio', windows: what.windows, probability: 0.95, overlap: undefined });
      happen(checker, { kind: 'audio', windows: what.silence, probability: 0.02, overlap: undefined });
      happen(checker, { kind: 'final', which: 0, text: what.text });
      return;
    case 'clock':
      checker.seenMs += what.ms;
      return;
    case 'final': {
      const tag = pick(checker.requests, what.which);
      if (tag) checker.tell({ type: 'final', ...tag, text: what.text });
      return;
    }
    case 'final-failed': {
      const tag = pick(checker.requests, what.which);
      if (tag) checker.tell({ type: 'final-failed', ...tag });
      return;
    }
    case 'end-of-turn': {
      const tag = pick(checker.requests, what.which);
      if (tag) checker.tell({ type: 'end-of-turn', ...tag, probability: what.probability });
      return;
    }
    case 'draft-failed': {
      const tag = pick(checker.drafts, what.which);
      if (tag) checker.tell({ type: 'draft-failed', ...tag });
      return;
    }
    case 'audible': {
      const reply = pick(checker.replies, what.which);
      if (reply !== undefined) checker.tell({ type: 'reply-audible', reply });
      return;
    }
    case 'dry':
    case 'flows': {
      const reply = pick(checker.replies, what.which);
      if (reply !== undefined) checker.tell({ type: `reply-${what.kind}`, reply });
      return;
    }
    case 'passage': {
      const reply = pick(checker.replies, what.which);
      if (reply === undefined) return;
      const over = checker.state.talk.passage === reply;
      checker.tell({ type: over ? 'passage-over' : 'passage-begins', reply });
      return;
    }
    case 'done': {
      const reply = pick(checker.replies, what.which);
      if (reply !== undefined)
        checker.tell({ type: 'reply-done', reply, ...(what.endCall ? { endCall: 'all said' } : {}) });
      return;
    }
    case 'event':
      checker.tell(what.event);
  }
}

/** The call begins; with `greeting` the agent is in the middle of a sentence when the list starts. */
function run(first: number, greeting: boolean, list: readonly Happening[]): TurnChecker {
  const checker = new TurnChecker(settings[first] ?? turnSettings());
  checker.tell({ type: 'begin', greeting });
  if (greeting) checker.tell({ type: 'reply-audible', reply: 0 });
  for (const each of list) happen(checker, each);
  return checker;
}

/** From here on the caller is silent, every engine answers and every reply is played to its end. */
function settle(checker: TurnChecker, forMs: number, transcript: string): void {
  const untilMs = checker.seenMs + forMs;
  let heardOf: number | undefined;
  while (checker.seenMs < untilMs && !checker.ended) {
    checker.seenMs += 32;
    checker.window(0.02);
    for (const [name, atSeenMs] of [...checker.armed])
      if (atSeenMs <= checker.seenMs && checker.armed.has(name)) checker.tell({ type: 'timer', timer: name });
    const { listening } = checker.state;
    if (listening.phase === 'pause' && listening.transcript.status === 'asked')
      checker.tell({ type: 'final', turn: listening.turn, revision: listening.revision, text: transcript });
    const reply = checker.openReply;
    if (reply === undefined) continue;
    checker.tell(heardOf === reply ? { type: 'reply-done', reply } : { type: 'reply-audible', reply });
    heardOf = reply;
  }
}

const given = { seed: 20_261_122, numRuns: 8_000 } as const;
const sequence = [fc.nat({ max: settings.length - 1 }), fc.boolean(), happenings] as const;

describe('turn machine, whatever happens', () => {
  it('never has two replies, two turns or two drafts, watches every silence, is pure, and stops at the end', () => {
    const property = fc.property(...sequence, (first, greeting, list) => {
      run(first, greeting, list);
    });
    fc.assert(property, given);
  });

  it('comes to rest when the caller is silent and everything is answered', () => {
    const property = fc.property(...sequence, text, (first, greeting, list, transcript) => {
      const checker = run(first, greeting, list);
      // Where the client detects turns, only the client can end one.
      if (checker.state.settings.detection === 'manual') checker.tell({ type: 'client-clear' });
      settle(checker, 12_000, transcript);
      if (checker.ended) return;
      expect({ listening: checker.state.listening.phase, agent: checker.state.agent.phase }).toEqual({
        listening: 'quiet',
        agent: 'silent',
      });
    });
    fc.assert(property, { ...given, numRuns: 1_000 });
  });

  it('hangs up after a minute in which nobody speaks', () => {
    const property = fc.property(...sequence, (first, greeting, list) => {
      const checker = run(first, greeting, list);
      // Nobody reads, and nobody is muted or out of reach.
      checker.tell({ type: 'far-end', reachable: true });
      checker.tell({ type: 'mute', muted: false });
      checker.tell({ type: 'written', written: false });
      if (checker.state.settings.detection === 'manual') {
        checker.tell({ type: 'client-clear' });
        settle(checker, 12_000, '');
        // Ten minutes later.
        if (!checker.ended) checker.tell({ type: 'timer', timer: 'idle' });
      }
      settle(checker, 75_000, '');
      expect(checker.ended).toBe(true);
    });
    fc.assert(property, { ...given, numRuns: 100 });
  });
});
