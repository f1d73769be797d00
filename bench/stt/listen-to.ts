import { EventLog, eventLogSchema } from '../../src/conversation/event-log.js';
import { noPhrases } from '../../src/conversation/phrases.js';
import { CallSession } from '../../src/conversation/session.js';
import { defaultTurnSettings } from '../../src/conversation/turn/settings.js';
import { systemClock } from '../../src/observability/system-clock.js';
import { EventQueue } from '../../src/ports/event-queue.js';
import type { Transport, TransportInput } from '../../src/ports/transport.js';
import { ScriptedBrain } from '../../src/testing/scripted-brain.js';
import type { startEars } from '../support/engines.js';
import { SpeechToTextTap, type TappedEvent } from './tap.js';

const rateHz = 16_000;
const frameSamples = 320;
/** Behind each recording, so that its last turn ends: the quietest part of the recording itself. */
const tailMs = 3_500;

export type Ears = Awaited<ReturnType<typeof startEars>>;

export type Heard = {
  /** The turns of the recording, joined. */
  readonly hypothesis: string;
  readonly turns: number;
  /** What speech to text said, and how much of the utterance it had been given by then. */
  readonly events: readonly TappedEvent[];
};

/**
 * Plays a recording into a call: voice activity, turns and streaming recogniser as a caller meets them.
 *
 * @param speed 1 is real time
 */
export async function listenTo(samples: Float32Array, ears: Ears, speed = 1): Promise<Heard> {
  const input = new EventQueue<TransportInput>();
  const transport: Transport = {
    input,
    outputRateHz: ears.tts.rateHz,
    playout: { ack: 'none', leadMs: 80, latencyMs: 0, clear: () => {} },
    send: () => {},
    hangUp: (reason) => {
      input.push({ type: 'closed', reason });
      input.end();
    },
  };
  const callId = 'bench';
  const signal = new AbortController().signal;
  const brain = await new ScriptedBrain({ clock: systemClock, answer: () => '' }).begin({ callId, signal });
  const settings = { ...defaultTurnSettings, respond: false };
  const texts: string[] = [];
  const stt = new SpeechToTextTap(ears.stt);
  const session = new CallSession({
    callId,
    transport,
    engines: { ...ears, stt },
    brain,
    voice: 'heart',
    speed: 1,
    settings,
    phrases: noPhrases(),
    greet: false,
    clock: systemClock,
    outputResampler: undefined,
    holdBackground: () => ears.governor.hold(),
    recorder: undefined,
    log: new EventLog(
      { write: () => {} },
      { schema: eventLogSchema, callId, startedAt: '', settings, modelHashes: {} },
    ),
    observer: (event) => {
      if (event.type === 'turn-committed') texts.push(event.text);
    },
  });
  const running = session.run();
  const startedMs = performance.now();
  const tail = quietest(samples);
  const total = samples.length + (tailMs * rateHz) / 1000;
  for (let at = 0; at < total; at += frameSamples) {
    const frame = new Float32Array(frameSamples);
    for (let i = 0; i < frameSamples; i++)
      frame[i] = at + i < samples.length ? (samples[at + i] as number) : (tail[(at + i) % tail.length] as number);
    input.push({ type: 'audio', frame: { samples: frame, rateHz } });
    const waitMs = startedMs + ((at + frameSamples) / rateHz / speed) * 1000 - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  session.controls.hangUp('end of recording');
  await running;
  return { hypothesis: texts.join(' '), turns: texts.length, events: stt.events };
}

/** The quietest 200 ms of a recording. */
function quietest(samples: Float32Array): Float32Array {
  const length = rateHz / 5;
  let best = samples.subarray(0, length);
  let bestEnergy = Number.POSITIVE_INFINITY;
  for (let at = 0; at + length <= samples.length; at += length / 4) {
    const part = samples.subarray(at, at + length);
    const energy = part.reduce((sum, sample) => sum + sample * sample, 0);
    if (energy < bestEnergy) {
      bestEnergy = energy;
      best = part;
    }
  }
  return best;
}
