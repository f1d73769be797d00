import { describe, expect, it, type TestContext } from 'vitest';
import { WebSocket } from 'ws';
import { connectRealtime, type RealtimeClient } from '../src/client/realtime-client.js';
import type { ServerEvent } from '../src/client/server-events.js';
import { decodeTones } from '../src/testing/tone-decoder.js';
import { speakTones, toneWord } from '../src/testing/tone-words.js';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.js';

const rateHz = 24_000;
const frameSamples = rateHz / 50;
const apiKey = 'key-of-this-test';

/** A caller with a microphone, a loudspeaker and a network that can be cut. */
class Caller {
  readonly events: ServerEvent[] = [];
  readonly states: string[] = [];
  readonly sockets: WebSocket[] = [];
  /** What was played, one 20 ms frame after another, silence left out. */
  readonly played: Float32Array[] = [];
  readonly #agent: ScriptedAgent;
  #pending: Float32Array = new Float32Array(0);

  constructor(agent: ScriptedAgent) {
    this.#agent = agent;
  }

  /** @returns what hangs up */
  async connect(): Promise<() => Promise<void>> {
    const url = `${this.#agent.url.replace('https', 'wss')}/v1/realtime?model=parley`;
    const client = await connectRealtime({
      url,
      apiKey,
      resume: true,
      openSocket: (address, protocols) => {
        const socket = new WebSocket(address, [...protocols], { ca: this.#agent.ca, perMessageDeflate: false });
        this.sockets.push(socket);
        return socket;
      },
      onConnection: (state) => this.states.push(state),
      onEvent: (event) => {
        this.events.push(event);
        if (event.type === 'response.output_audio.delta') this.played.push(samplesIn(event.delta));
      },
    });
    client.send({ type: 'session.update', session: { type: 'realtime', parley: { greeting: false } } });
    const microphone = setInterval(() => this.#sendFrame(client), 20);
    return () => {
      clearInterval(microphone);
      return client.close();
    };
  }

  say(text: string): void {
    this.#pending = speakTones(text, { rateHz, vocabulary: this.#agent.callerVocabulary }).samples;
  }

  cut(): void {
    this.sockets.at(-1)?.terminate();
  }

  async until(what: () => boolean, limitMs = 10_000): Promise<void> {
    const untilMs = performance.now() + limitMs;
    while (!what()) {
      if (performance.now() > untilMs) throw new Error(`waited too long; ${this.states.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  count(type: ServerEvent['type']): number {
    return this.events.filter((event) => event.type === type).length;
  }

  heard(): string[] {
    const samples = new Float32Array(this.played.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.played) {
      samples.set(part, at);
      at += part.length;
    }
    return decodeTones(samples, { rateHz, vocabulary: this.#agent.agentVocabulary, minMs: 60 }).map(({ text }) => text);
  }

  #sendFrame(client: RealtimeClient): void {
    const frame = new Float32Array(frameSamples);
    frame.set(this.#pending.subarray(0, frameSamples));
    this.#pending = this.#pending.subarray(frameSamples);
    client.send({ type: 'input_audio_buffer.append', audio: base64Of(frame) });
  }
}

function base64Of(samples: Float32Array): string {
  return Buffer.from(Int16Array.from(samples, (sample) => sample * 32_767).buffer).toString('base64');
}

function samplesIn(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index) / 32_768);
}

const counting = 'One two three four five six seven eight nine ten.';

async function calling({ onTestFinished }: TestContext): Promise<{ caller: Caller; agent: ScriptedAgent }> {
  const agent = await startScriptedAgent({ apiKey, reply: (said) => (said === 'count' ? counting : `Okay, ${said}.`) });
  const caller = new Caller(agent);
  const hangUp = await caller.connect();
  onTestFinished(async () => {
    await hangUp();
    await agent.close();
  });
  return { caller, agent };
}

// Each has a server of its own and is silent for most of its time.
describe.concurrent('a call whose connection is cut', () => {
  it('in the middle of a reply: the rest of it follows, and the model is told what was heard', async (test) => {
    const { caller, agent } = await calling(test);
    caller.say('count');
    await caller.until(() => caller.played.length > 40);
    caller.cut();
    await caller.until(() => caller.states.includes('resumed'));
    await caller.until(() => caller.count('response.done') === 1);
    const words = counting.split(' ').map(toneWord);
    // What was under way when it was cut was said again, or the part of it that is missing.
    expect([...new Set(caller.heard())]).toEqual(words);
    caller.say('thank you');
    await caller.until(() => caller.count('response.done') === 2);
    expect(agent.asked.at(-1)?.map(({ text }) => text)).toEqual(['count', counting, 'thank you']);
    expect(caller.count('session.created')).toBe(1);
    expect(caller.states).toEqual(['lost', 'resumed']);
  });

  it('in the middle of a turn: what was said before and after is answered', async (test) => {
    const { caller, agent } = await calling(test);
    caller.say('a large tea with milk and sugar');
    await caller.until(() => caller.count('input_audio_buffer.speech_started') === 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    caller.cut();
    await caller.until(() => caller.states.includes('resumed'));
    await caller.until(() => caller.count('response.done') === 1);
    const said = caller.events.find((event) => event.type === 'conversation.item.input_audio_transcription.completed');
    expect(said).toMatchObject({ transcript: expect.stringMatching(/^a large .*$/) });
    caller.say('thank you');
    await caller.until(() => caller.count('response.done') === 2);
    expect(agent.asked.at(-1)?.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(agent.asked.at(-1)?.at(-1)?.text).toBe('thank you');
  });
});
