import { describe, expect, it } from 'vitest';
import { vadWindowSamples } from '../../src/ports/voice-activity.js';
import { ScriptedVoiceActivity } from '../../src/testing/scripted-voice-activity.js';
import { CallRig, type CallRigOptions } from './support/call-rig.js';

const filler = 'one moment please';
const apology = "i'm sorry i'm having some trouble right now could you say that again";
const reprompt = "sorry i didn't catch that could you say it again";
/** What is heard of an engine that never answers. */
const givenUp = `${filler} just a second ${apology}`;
const gone = (what: string): Error => new Error(`the ${what} is gone`);

/** From the end of speech something is audible in time, whatever becomes of the turn. */
function expectNoDeadAir(rig: CallRig): void {
  const ends = new Map(rig.of('speech-paused').map(({ event }) => [event.turn, event.endMs]));
  expect(ends.size).toBeGreaterThan(0);
  for (const endMs of ends.values()) expect(rig.audibleAfter(endMs) - endMs).toBeLessThanOrEqual(2_500);
}

/** Fails while `broken()`. */
function breaking() {
  let broken = true;
  return {
    is: () => broken,
    mend: () => {
      broken = false;
    },
  };
}

/** A turn while the engine is broken, then one when it works again. */
async function survives(options: CallRigOptions, mend: () => void, heardWhileBroken: string): Promise<CallRig> {
  const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.`, ...options });
  await rig.exchange('a tea');
  await rig.clock.advance(3_000);
  if (rig.of('reply-finished').length === 1 && rig.of('reply-started').length > 1) await rig.until('reply-finished', 2);
  expect(rig.heard()).toBe(heardWhileBroken);
  mend();
  const before = rig.heardWords().length;
  await rig.exchange('a coffee');
  const after = rig.heardWords().slice(before);
  expect(after.map((word) => word.text).join(' ')).toBe('okay a coffee');
  expectNoDeadAir(rig);
  expect(rig.history().slice(-2)).toEqual(['user: a coffee', 'assistant: okay a coffee']);
  await rig.end();
  return rig;
}

describe('an engine that fails costs at most one retry or a phrase, never the call', () => {
  it('a transcript that fails once is asked for again', async () => {
    let asked = 0;
    const rig = await survives(
      { stt: { fail: () => (asked++ === 0 ? gone('ear') : undefined) } },
      () => {},
      'okay a tea',
    );
    expect(rig.of('turn-committed')).toHaveLength(2);
  });

  it('transcripts that fail are followed by a reprompt', async () => {
    const { is, mend } = breaking();
    const rig = await survives({ stt: { fail: () => (is() ? gone('ear') : undefined) } }, mend, reprompt);
    expect(rig.problems().length).toBeGreaterThan(0);
  });

  it('a transcript that never comes is given up, and the caller is asked again', async () => {
    const { is, mend } = breaking();
    const rig = await survives({ stt: { fail: () => (is() ? 'hang' : undefined) } }, mend, givenUp);
    expect(rig.problems()).toContain('stt.late');
  });

  it('a speech-to-text stream that dies leaves a call that still speaks', async () => {
    const rig = await CallRig.open({
      speechToText: () => ({
        name: 'dead',
        capabilities: { partials: false, wordTimes: 'none', languages: ['en'] },
        // biome-ignore lint/correctness/useYield: it dies before its first event.
        async *listen() {
          throw gone('ear');
        },
        close: async () => {},
      }),
    });
    await rig.say('a tea');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe(givenUp);
    expectNoDeadAir(rig);
    await rig.end();
  });

  it('a model that fails once is asked again', async () => {
    let asked = 0;
    const fail: NonNullable<CallRigOptions['model']>['fail'] = ({ kind }) =>
      kind === 'generate' && asked++ === 0 ? gone('model') : undefined;
    await survives({ model: { fail } }, () => {}, 'okay a tea');
  });

  it('a model that fails is apologised for', async () => {
    const { is, mend } = breaking();
    await survives(
      { model: { fail: ({ kind }) => (kind === 'generate' && is() ? gone('model') : undefined) } },
      mend,
      apology,
    );
  });

  it('a model that fails in the middle of a reply is apologised for after what was ready', async () => {
    const { is, mend } = breaking();
    const fail: NonNullable<CallRigOptions['model']>['fail'] = ({ kind, newTokens }) =>
      kind === 'generate' && is() && newTokens === 6 ? gone('model') : undefined;
    const rig = await CallRig.open({
      reply: 'Okay, this is a long reply. It has more.',
      model: { fail, tokenMs: 200 },
    });
    await rig.say('a tea');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe(`okay ${apology}`);
    expect(rig.of('reply-finished')[0]?.event).toMatchObject({ status: 'failed', heard: 'Okay,' });
    mend();
    await rig.exchange('a coffee');
    expect(rig.heard()).toMatch(/okay this is a long reply it has more$/);
    await rig.end();
  });

  it('a model that hangs is bridged by a filler, then apologised for', async () => {
    const { is, mend } = breaking();
    await survives(
      { model: { fail: ({ kind }) => (kind === 'generate' && is() ? 'hang' : undefined) } },
      mend,
      givenUp,
    );
  });

  it('a model that hangs in the middle of a reply does not hang the call', async () => {
    const { is, mend } = breaking();
    const fail: NonNullable<CallRigOptions['model']>['fail'] = ({ kind, newTokens }) =>
      kind === 'generate' && is() && newTokens === 3 ? 'hang' : undefined;
    const rig = await CallRig.open({ reply: 'Okay, this is a long reply. It has more.', model: { fail } });
    await rig.say('a tea');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe(`okay ${givenUp}`);
    mend();
    await rig.exchange('a coffee');
    expect(rig.heard()).toMatch(/okay this is a long reply it has more$/);
    await rig.end();
  });

  it('a slow model is bridged by a filler and then heard', async () => {
    const rig = await CallRig.open({ reply: 'Okay, tea.', model: { firstTokenMs: 4_000 } });
    await rig.say('a tea');
    await rig.until('reply-finished');
    expect(rig.heard()).toBe(`${filler} okay tea`);
    expect(rig.history()).toEqual(['user: a tea', 'assistant: okay tea']);
    expectNoDeadAir(rig);
    await rig.end();
  });

  it('a filler that has begun is said to its end when the reply is made anew', async () => {
    let asked = 0;
    const rig = await CallRig.open({
      reply: 'Okay, tea.',
      model: {
        fail: ({ kind }) => {
          if (kind !== 'generate') return undefined;
          asked += 1;
          return asked === 1 ? 'hang' : undefined;
        },
      },
      // The model is given up after 8 s, in the middle of the filler.
      settings: { silence: { maxSilenceMs: 7_000 } },
      phrases: { filler: 'One moment please while I look for that' },
    });
    await rig.say('a tea');
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('one moment please while i look for that okay tea');
    await rig.end();
  });

  it('a voice that fails is apologised for with audio that is ready', async () => {
    const { is, mend } = breaking();
    await survives({ tts: { fail: () => (is() ? gone('voice') : undefined) } }, mend, apology);
  });

  it('a voice that hangs is bridged by a filler, then apologised for', async () => {
    const { is, mend } = breaking();
    await survives({ tts: { fail: () => (is() ? 'hang' : undefined) } }, mend, givenUp);
  });

  it('a model with nothing to say is followed by a reprompt', async () => {
    const rig = await CallRig.open({ reply: '' });
    await rig.say('a tea');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe(reprompt);
    await rig.end();
  });

  it.each([
    ['fails', gone('judge')],
    ['hangs', 'hang'],
  ] as const)('an end-of-turn model that %s costs the wait without it', async (_name, failure) => {
    const rig = await CallRig.open({ reply: 'Okay.', endOfTurn: { fail: () => failure } });
    await rig.say('a tea');
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay');
    const marks = rig.of('turn-measured')[0]?.event.marks;
    expect(marks?.because).toContain('no end-of-turn estimate');
    expect(marks?.responseLatencyMs).toBeLessThan(1_300);
    await rig.clock.advance(2_000);
    expect(rig.problems()).toEqual([failure === 'hang' ? 'end_of_turn.late' : 'session.failed']);
    await rig.end();
  });

  it('while voice activity fails the level of the sound stands in for it, and the failure is told once', async () => {
    const { is, mend } = breaking();
    const rig = await CallRig.open({
      reply: (said) => `Okay, ${said}.`,
      vad: (clock) => {
        const vad = new ScriptedVoiceActivity({ clock });
        return {
          name: 'breaking',
          close: () => vad.close(),
          open: (options) => {
            const stream = vad.open(options);
            const push = async (window: Float32Array): Promise<number> => {
              expect(window).toHaveLength(vadWindowSamples);
              if (is()) throw gone('detector');
              return stream.push(window);
            };
            return { push, close: stream.close };
          },
        };
      },
    });
    await rig.exchange('a tea');
    expect(rig.problems()).toEqual(['session.failed']);
    mend();
    await rig.exchange('a coffee');
    expect(rig.heard()).toBe('okay a tea okay a coffee');
    expect(rig.problems()).toHaveLength(1);
    await rig.end();
  });
});
