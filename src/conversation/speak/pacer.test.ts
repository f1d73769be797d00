import { describe, expect, it } from 'vitest';
import { concatSamples, samplesOf } from '../../audio/frame.js';
import type { Resampler } from '../../audio/resample.js';
import { ScriptedTransport } from '../../testing/scripted-transport.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { PlayoutLedger } from './ledger.js';
import { Pacer } from './pacer.js';
import { ReplySource } from './reply-source.js';
import type { SpokenPiece } from './spoken-piece.js';

const rateHz = 24_000;

function piece(text: string, ms: number, level = 0.5): SpokenPiece {
  return { text, samples: new Float32Array(samplesOf(ms, rateHz)).fill(level), rateHz, words: [] };
}

function rig(
  options: { readonly leadMs?: number; readonly resampler?: Resampler; readonly outputRateHz?: number } = {},
) {
  const clock = new VirtualClock();
  const outputRateHz = options.outputRateHz ?? rateHz;
  const transport = new ScriptedTransport({ clock, leadMs: options.leadMs ?? 80, outputRateHz });
  const ledger = new PlayoutLedger();
  const happened: string[] = [];
  const pacer = new Pacer({
    transport,
    clock,
    ledger,
    sourceRateHz: rateHz,
    resampler: options.resampler,
    events: {
      onSound: (reply, role, atMs) => happened.push(`${role} ${reply} audible at ${atMs}`),
      onText: (reply, text) => happened.push(`text ${reply} ${text}`),
      onDone: (reply) => happened.push(`done ${reply} at ${clock.nowMs()}`),
      onDry: (reply) => happened.push(`dry ${reply} at ${clock.nowMs()}`),
      onFlows: (reply) => happened.push(`flows ${reply} at ${clock.nowMs()}`),
      onPassage: (reply, begins) => happened.push(`passage ${reply} ${begins ? 'begins' : 'over'} at ${clock.nowMs()}`),
      onFrame: () => {},
    },
  });
  const sentMs = (): number => transport.sent.reduce((sum, frame) => sum + frame.samples.length / 24, 0);
  return { clock, transport, ledger, happened, pacer, sentMs };
}

describe('pacer', () => {
  it('is never more than its lead ahead of what is heard', async () => {
    const { clock, transport, pacer } = rig();
    pacer.play(0, ReplySource.of(piece('one', 900), piece('two', 333)));
    await clock.runUntilIdle();
    expect(transport.sent.length).toBeGreaterThan(60);
    for (const frame of transport.sent)
      expect(frame.playsAtMs + frame.samples.length / 24 - frame.atMs).toBeLessThanOrEqual(80 + 1e-6);
  });

  it('a carrier may get its audio earlier', async () => {
    const { clock, transport, pacer } = rig({ leadMs: 160 });
    pacer.play(0, ReplySource.of(piece('one', 900)));
    await clock.settle();
    expect(transport.sent).toHaveLength(8);
  });

  it('plays without a gap and says when all of it has been heard', async () => {
    const { clock, transport, pacer, happened } = rig();
    await clock.advance(1_000);
    pacer.play(3, ReplySource.of(piece('one', 100), piece('two', 50)));
    await clock.runUntilIdle();
    expect(happened).toEqual(['text 3 one', 'content 3 audible at 1000', 'text 3 two', 'done 3 at 1150']);
    const heard = transport.heard().subarray(24_000);
    expect(heard).toHaveLength(3_600);
    expect(heard.every((x) => x === 0.5)).toBe(true);
  });

  it('the reply is audible where its sound begins', async () => {
    const { clock, pacer, happened } = rig();
    const samples = new Float32Array(samplesOf(100, rateHz)).fill(0.5, samplesOf(45, rateHz));
    pacer.play(0, ReplySource.of({ ...piece('one', 100), samples }));
    await clock.runUntilIdle();
    expect(happened).toContain('content 0 audible at 45');
  });

  it('a reply that stops being ready goes on when there is more', async () => {
    const { clock, transport, pacer, happened } = rig();
    const source = new ReplySource();
    pacer.play(0, source);
    source.add(piece('one', 100));
    await clock.advance(500);
    expect(happened).toEqual(['text 0 one', 'content 0 audible at 0', 'dry 0 at 100']);
    source.add(piece('two', 100));
    source.end();
    await clock.runUntilIdle();
    expect(happened.slice(3)).toEqual(['text 0 two', 'flows 0 at 500', 'done 0 at 600']);
    expect(transport.sent.map((frame) => frame.playsAtMs)).toEqual([0, 20, 40, 60, 80, 500, 520, 540, 560, 580]);
  });

  it('a reply that has run dry can be bridged and then goes on where it was; one that plays cannot', async () => {
    const { clock, pacer, happened, transport } = rig();
    const source = new ReplySource();
    pacer.play(0, source);
    source.add(piece('one', 100));
    await clock.advance(50);
    expect(pacer.bridge(0, ReplySource.of(piece('wait', 200)))).toBe(false);
    await clock.advance(450);
    expect(pacer.bridge(0, ReplySource.of(piece('wait', 200, 0.25)))).toBe(true);
    await clock.advance(500);
    source.add(piece('two', 100));
    source.end();
    await clock.runUntilIdle();
    expect(happened).toEqual([
      'text 0 one',
      'content 0 audible at 0',
      'dry 0 at 100',
      'filler 0 audible at 500',
      'dry 0 at 700',
      'text 0 two',
      'flows 0 at 1000',
      'done 0 at 1100',
    ]);
    const heard = transport.heard();
    expect([50, 300, 600, 800, 1_050].map((ms) => heard[samplesOf(ms, rateHz)])).toEqual([0.5, 0, 0.25, 0, 0.5]);
  });

  it('a reply that goes on right behind what bridged it is told to flow again', async () => {
    const { clock, pacer, happened } = rig();
    const source = new ReplySource();
    pacer.play(0, source);
    source.add(piece('one', 100));
    await clock.advance(500);
    pacer.bridge(0, ReplySource.of(piece('wait', 200)));
    source.add(piece('two', 100));
    source.end();
    await clock.runUntilIdle();
    const flow = happened.filter((each) => /^(dry|flows|done)/.test(each));
    expect(flow).toEqual(['dry 0 at 100', 'flows 0 at 640', 'done 0 at 800']);
  });

  it('stopping drops what has not left, clears the far end, and knows what was heard', async () => {
    const { clock, transport, pacer, happened } = rig();
    pacer.play(0, ReplySource.of(piece('one', 2_000)));
    await clock.advance(510);
    const sent = transport.sent.length;
    expect(pacer.stop(0)).toEqual({ playedMs: 510, sentMs: 580 });
    expect(transport.clears).toEqual([510]);
    await clock.runUntilIdle();
    expect(transport.sent).toHaveLength(sent);
    expect(happened).not.toContain('done 0 at 2000');
    expect(
      transport
        .heard(2_000)
        .subarray(samplesOf(510, rateHz))
        .every((x) => x === 0),
    ).toBe(true);
  });

  it('the next reply after a stop is heard at once', async () => {
    const { clock, transport, pacer } = rig();
    pacer.play(0, ReplySource.of(piece('one', 2_000)));
    await clock.advance(500);
    pacer.stop(0);
    pacer.play(1, ReplySource.of(piece('two', 100)));
    await clock.runUntilIdle();
    expect(transport.sent.find((frame) => frame.tag.reply === 1)?.playsAtMs).toBe(500);
  });

  it('stopping, lowering or bridging a reply that is not played changes nothing', async () => {
    const { clock, transport, pacer } = rig();
    pacer.play(1, ReplySource.of(piece('one', 100)));
    expect(pacer.stop(0)).toBeUndefined();
    expect(pacer.lower(0)).toBe(false);
    expect(pacer.restore(0)).toBe(false);
    expect(pacer.bridge(0, ReplySource.of(piece('wait', 100)))).toBe(false);
    await clock.runUntilIdle();
    expect(transport.clears).toEqual([]);
    expect(transport.heard()).toHaveLength(2_400);
  });

  it('lowers by at least 12 dB within 5 ms and comes back, without a click', async () => {
    const { clock, transport, pacer } = rig();
    pacer.play(0, ReplySource.of(piece('one', 2_000)));
    await clock.advance(500);
    expect(pacer.lower(0)).toBe(true);
    await clock.advance(500);
    expect(pacer.restore(0)).toBe(true);
    await clock.runUntilIdle();
    const heard = transport.heard();
    const at = (ms: number): number => (heard[samplesOf(ms, rateHz)] as number) / 0.5;
    expect(at(500 + 80 + 5)).toBeLessThan(10 ** (-12 / 20));
    expect(at(1_000)).toBeGreaterThan(0.1);
    expect(at(1_000 + 80 + 5)).toBeCloseTo(1, 5);
    let jump = 0;
    for (let i = 1; i < heard.length; i++)
      jump = Math.max(jump, Math.abs((heard[i] as number) - (heard[i - 1] as number)));
    expect(jump).toBeLessThan(0.01);
  });

  it('a reply begins at full level though the one before it was lowered', async () => {
    const { clock, transport, pacer } = rig();
    pacer.play(0, ReplySource.of(piece('one', 2_000)));
    pacer.lower(0);
    await clock.advance(500);
    pacer.stop(0);
    pacer.play(1, ReplySource.of(piece('two', 100)));
    await clock.runUntilIdle();
    const first = transport.sent.find((frame) => frame.tag.reply === 1);
    expect(first?.samples[0]).toBeCloseTo(0.5, 6);
  });

  it('plays a bridge before the reply, which follows from its beginning: time of it, and none of its words', async () => {
    const { clock, pacer, happened, ledger } = rig();
    const source = new ReplySource();
    pacer.play(0, source);
    await clock.advance(2_500);
    expect(pacer.bridge(0, ReplySource.of(piece('wait', 200)))).toBe(true);
    await clock.advance(100);
    source.add(piece('one', 100));
    source.end();
    await clock.runUntilIdle();
    expect(happened).toEqual(['filler 0 audible at 2500', 'text 0 one', 'content 0 audible at 2700', 'done 0 at 2800']);
    expect(ledger.heard(0, Number.POSITIVE_INFINITY)).toBe('one');
    expect(ledger.heard(0, 240)).toBe('');
    expect(ledger.lengthMs(0)).toBe(300);
  });

  it('knows the longest time that nothing was ready inside a reply', async () => {
    const { clock, pacer } = rig();
    const source = new ReplySource();
    await clock.advance(500);
    pacer.play(0, source);
    await clock.advance(1_000);
    source.add({ ...piece('Okay,', 200), opener: true });
    await clock.advance(350);
    expect(pacer.gapMs).toBe(0);
    pacer.restore(0);
    source.add(piece('one', 100));
    expect(pacer.gapMs).toBe(150);
    await clock.advance(140);
    source.add(piece('two', 300));
    await clock.advance(200);
    expect(pacer.gapMs).toBe(150);
  });

  it('tells an opener from what the reply says', async () => {
    const { clock, pacer, happened } = rig();
    pacer.play(0, ReplySource.of({ ...piece('Okay,', 200), opener: true }, piece('one', 100)));
    await clock.runUntilIdle();
    expect(happened).toEqual([
      'text 0 Okay,',
      'opener 0 audible at 0',
      'text 0 one',
      'content 0 audible at 200',
      'done 0 at 300',
    ]);
  });

  it('there is no bridge to a reply that has begun', async () => {
    const { clock, pacer } = rig();
    pacer.play(0, ReplySource.of(piece('one', 1_000)));
    await clock.advance(100);
    expect(pacer.bridge(0, ReplySource.of(piece('wait', 200)))).toBe(false);
  });

  it('a bridge goes on when the reply behind it is begun anew', async () => {
    const { clock, transport, pacer } = rig();
    pacer.play(0, new ReplySource());
    pacer.bridge(0, ReplySource.of(piece('wait', 200, 0.25)));
    await clock.advance(100);
    pacer.play(0, ReplySource.of(piece('one', 100)));
    await clock.runUntilIdle();
    const heard = transport.heard();
    expect(heard).toHaveLength(samplesOf(300, rateHz));
    expect(heard[samplesOf(199, rateHz)]).toBeCloseTo(0.25, 6);
    expect(heard[samplesOf(201, rateHz)]).toBeCloseTo(0.5, 6);
  });

  it('a source with nothing in it is done at once', async () => {
    const { clock, pacer, happened } = rig();
    pacer.play(0, ReplySource.of());
    await clock.settle();
    expect(happened).toEqual(['done 0 at 0']);
  });

  it('sends at the rate of the transport and tells the recording what was said at its own', async () => {
    const half: Resampler = {
      fromHz: rateHz,
      toHz: 12_000,
      latencySamples: 0,
      process: (samples) => samples.filter((_, i) => i % 2 === 0),
      flush: () => new Float32Array(0),
      close: () => {},
    };
    const { clock, transport, pacer } = rig({ resampler: half, outputRateHz: 12_000 });
    pacer.play(0, ReplySource.of(piece('one', 100)));
    await clock.runUntilIdle();
    expect(concatSamples(transport.sent.map((frame) => frame.samples))).toHaveLength(1_200);
    expect(clock.nowMs()).toBe(100);
  });

  it('while it is held nothing leaves, and then what cannot have been played comes again', async () => {
    const { clock, pacer, transport, happened, ledger } = rig();
    pacer.play(0, ReplySource.of(piece('one', 100, 0.25), piece('two', 100, 0.5)));
    await clock.advance(90);
    pacer.hold();
    const sent = transport.sent.length;
    await clock.advance(5_000);
    expect(transport.sent).toHaveLength(sent);
    pacer.release();
    await clock.runUntilIdle();
    const heard = transport.heard();
    expect([...heard].filter((sample) => sample === 0.25)).toHaveLength(samplesOf(100, rateHz));
    expect([...heard].filter((sample) => sample === 0.5)).toHaveLength(samplesOf(100, rateHz));
    expect(happened.filter((what) => what.startsWith('text'))).toEqual(['text 0 one', 'text 0 two']);
    expect(ledger.heard(0, 200)).toBe('one two');
    expect(pacer.gapMs).toBe(0);
  });

  it('goes on where the far end says that it has got to, across pieces', async () => {
    const { clock, pacer, transport, sentMs } = rig();
    pacer.play(0, ReplySource.of(piece('one', 100), piece('two', 100)));
    await clock.advance(120);
    const before = sentMs();
    pacer.hold();
    pacer.release(150);
    await clock.runUntilIdle();
    expect(sentMs()).toBe(before + 150 + (200 - before));
    expect(transport.sent.at(-1)?.tag.reply).toBe(0);
  });

  it('what is stopped while it is held was heard only as far as it can have been played', async () => {
    const { clock, pacer } = rig();
    pacer.play(0, ReplySource.of(piece('one', 400)));
    await clock.advance(100);
    pacer.hold();
    await clock.advance(1_000);
    expect(pacer.stop(0)).toEqual({ playedMs: 100, sentMs: 180 });
  });

  it('says when a passage that is heard to its end begins, and when it has been played', async () => {
    const { clock, pacer, happened } = rig();
    const whole = { ...piece('one', 200), whole: true };
    pacer.play(0, ReplySource.of(whole, { ...whole, text: '' }, piece('two', 100)));
    await clock.runUntilIdle();
    expect(happened.filter((what) => what.startsWith('passage'))).toEqual([
      'passage 0 begins at 0',
      'passage 0 over at 400',
    ]);
  });

  it('a passage is over when nothing follows it yet', async () => {
    const { clock, pacer, happened } = rig();
    const source = new ReplySource();
    pacer.play(0, source);
    source.add({ ...piece('one', 200), whole: true });
    await clock.advance(1_000);
    expect(happened).toContain('passage 0 over at 200');
  });
});
