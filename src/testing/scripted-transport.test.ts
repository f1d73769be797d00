import { describe, expect, it } from 'vitest';
import type { TransportInput } from '../ports/transport.js';
import { ScriptedTransport } from './scripted-transport.js';
import { decodedText } from './tone-decoder.js';
import { speakTones, ToneVocabulary } from './tone-words.js';
import { VirtualClock } from './virtual-clock.js';

const vocabulary = new ToneVocabulary();
const rateHz = 24_000;

function frames(text: string): Float32Array[] {
  const { samples } = speakTones(text, { rateHz, vocabulary });
  const parts: Float32Array[] = [];
  for (let at = 0; at < samples.length; at += 480) parts.push(samples.slice(at, at + 480));
  return parts;
}

async function collect(transport: ScriptedTransport, into: TransportInput[]): Promise<void> {
  for await (const input of transport.input) into.push(input);
}

describe('scripted transport', () => {
  it('hands over the caller at the pace of the clock, silence where they say nothing', async () => {
    const clock = new VirtualClock();
    const transport = new ScriptedTransport({ clock });
    const inputs: TransportInput[] = [];
    const done = collect(transport, inputs);
    transport.connect();
    await clock.advance(100);
    expect(inputs).toHaveLength(5);
    const said = transport.say(speakTones('hello there', { rateHz: 16_000, vocabulary }).samples);
    await clock.advance(580);
    await said;
    transport.disconnect();
    await done;
    expect(inputs.at(-1)).toEqual({ type: 'closed', reason: 'the caller hung up' });
    const audio = inputs.flatMap((input) => (input.type === 'audio' ? [...input.frame.samples] : []));
    expect(audio).toHaveLength(34 * 320);
    expect(decodedText(Float32Array.from(audio), { rateHz: 16_000, vocabulary })).toBe('hello there');
    expect(clock.armed).toBe(0);
  });

  it('plays what is sent without gaps and tells what was heard by when', async () => {
    const clock = new VirtualClock();
    const transport = new ScriptedTransport({ clock });
    await clock.advance(1_000);
    for (const frame of frames('one two three')) transport.send({ samples: frame, rateHz }, { reply: 1 });
    await clock.advance(600);
    expect(decodedText(transport.heard(), { rateHz, vocabulary })).toBe('one two');
    expect(decodedText(transport.heard(1_900), { rateHz, vocabulary })).toBe('one two three');
    expect(transport.sent[1]?.playsAtMs).toBe(1_020);
  });

  it('drops on clear what has not been played, and plays on at once', async () => {
    const clock = new VirtualClock();
    const transport = new ScriptedTransport({ clock });
    for (const frame of frames('one two three')) transport.send({ samples: frame, rateHz }, { reply: 1 });
    await clock.advance(280);
    transport.playout.clear();
    for (const frame of frames('sorry')) transport.send({ samples: frame, rateHz }, { reply: 2 });
    await clock.advance(2_000);
    expect(decodedText(transport.heard(), { rateHz, vocabulary })).toBe('one sorry');
    expect(transport.clears).toEqual([280]);
  });

  it('ends once, whoever hangs up first, and plays nothing afterwards', async () => {
    const clock = new VirtualClock();
    const transport = new ScriptedTransport({ clock });
    const inputs: TransportInput[] = [];
    const done = collect(transport, inputs);
    transport.connect();
    transport.hangUp('all said');
    transport.hangUp('again');
    transport.disconnect();
    transport.send({ samples: new Float32Array(480), rateHz }, { reply: 1 });
    await clock.runUntilIdle();
    await done;
    expect(inputs).toEqual([{ type: 'closed', reason: 'all said' }]);
    expect(transport.hungUp).toBe('all said');
    expect(transport.sent).toHaveLength(0);
  });
});
