import { setTimeout as delay } from 'node:timers/promises';
import type { CallerClip } from '../../src/cli/call/clip.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { connectRealtime } from '../../src/client/realtime-client.js';
import { Microphone } from './microphone.js';
import type { Sample, StreamResult } from './sample.js';

/** Who ends a turn: the server, by what it hears, or the client, at the end of speech. */
export type TurnEnd = 'endpointed' | 'committed';

const finalWithinMs = 8_000;
const betweenMs = 400;

/**
 * Speaks recordings at real time into one transcription session: `stt_ttfp` is the time from the beginning of speech to
 * the first words, `stt_stable` to the first that stay, `stt_ttfs` from the end of speech to the final transcript.
 */
export async function streamTranscription(
  host: string,
  clips: readonly CallerClip[],
  turnEnd: TurnEnd,
): Promise<StreamResult> {
  const [first] = clips;
  if (!first) return { samples: [], failures: [] };
  const samples: Sample[] = [];
  const failures: string[] = [];
  let onEvent: (type: string) => void = () => {};
  const client = await connectRealtime({
    url: `ws://${host}/v1/realtime?intent=transcription`,
    openSocket: nodeSockets(),
    onEvent: (event) => onEvent(event.type),
  });
  const microphone = new Microphone(first.roomTone, (audio) =>
    client.send({ type: 'input_audio_buffer.append', audio }),
  );
  try {
    const configured = new Promise<void>((resolve) => {
      onEvent = (type) => {
        if (type === 'session.updated') resolve();
      };
    });
    const detection = turnEnd === 'committed' ? { turn_detection: null } : {};
    client.send({
      type: 'session.update',
      session: { type: 'transcription', audio: { input: detection }, parley: { turn_metrics: true } },
    });
    await configured;
    microphone.start();
    for (const clip of clips) {
      const times = new Map<string, number>();
      const { startMs, endMs, ended } = microphone.speak(clip);
      let final: () => void = () => {};
      const heard = new Promise<void>((resolve) => {
        final = resolve;
      });
      onEvent = (type) => {
        const nowMs = performance.now();
        const name = names[type];
        if (name === undefined || times.has(name)) return;
        if (name === 'final' && nowMs < endMs) return;
        times.set(name, nowMs);
        if (name === 'final') final();
      };
      await ended;
      if (turnEnd === 'committed') client.send({ type: 'input_audio_buffer.commit' });
      await Promise.race([heard, delay(finalWithinMs, undefined, { ref: false })]);
      const { final: finalMs, partial: partialMs, stable: stableMs, committed } = Object.fromEntries(times);
      if (finalMs === undefined) failures.push(`${clip.file}: no final transcript within ${finalWithinMs} ms`);
      else
        samples.push({
          stt_ttfs: finalMs - endMs,
          ...(partialMs === undefined ? {} : { stt_ttfp: partialMs - startMs }),
          // What comes with the end of the turn did not come early.
          ...(stableMs === undefined || stableMs > (committed ?? finalMs) ? {} : { stt_stable: stableMs - startMs }),
        });
      await delay(betweenMs);
    }
  } finally {
    microphone.stop();
    await client.close();
  }
  return { samples, failures };
}

const names: Readonly<Record<string, string>> = {
  'input_audio_buffer.committed': 'committed',
  'parley.partial': 'partial',
  'conversation.item.input_audio_transcription.delta': 'stable',
  'conversation.item.input_audio_transcription.completed': 'final',
};
