import { setTimeout as delay } from 'node:timers/promises';
import type { CallerClip } from '../../src/cli/call/clip.js';
import { realtimeRateHz } from '../../src/client/pcm.js';
import { type RecordingSet, recordedClip, recordingSet } from '../call/recorded-clip.js';
import { serveJob } from '../support/own-process.js';
import type { ApiType } from './conversation.js';
import { HeardAudio } from './heard-audio.js';
import { managedAgent } from './managed-agent.js';
import { Microphone } from './microphone.js';
import { modularSockets } from './modular-sockets.js';
import { speechToSpeech } from './speech-to-speech.js';
import type { MeasuredReply, TypesJob, TypesReport } from './types-job.js';

const types: readonly ApiType[] = [managedAgent, modularSockets, speechToSpeech];
const answerWithinMs = 15_000;
const betweenMs = 500;

/** The process of the clients. */
serveJob(converse);

async function converse({ host, ordersDir, conversations }: TypesJob): Promise<TypesReport> {
  const recordings = await recordingSet(ordersDir);
  const had = types.map(({ name }) => ({ name, conversations: [] as MeasuredReply[][], failures: [] as string[] }));
  for (const [round, files] of conversations.entries()) {
    const clips = await clipsOf(files, recordings);
    // Each type is first, second and last as often as the others.
    for (const at of types.map((_, index) => (index + round) % types.length)) {
      const type = types[at];
      const into = had[at];
      if (!type || !into) continue;
      try {
        into.conversations[round] = await oneConversation(type, host, clips);
      } catch (error) {
        into.conversations[round] = [];
        into.failures.push((error as Error).message);
      }
      const times = into.conversations[round]?.map(({ responseMs }) => responseMs && Math.round(responseMs));
      process.stderr.write(`  ${type.name}: ${times?.join(', ')} ms\n`);
    }
  }
  return { types: had };
}

function clipsOf(files: readonly string[], recordings: RecordingSet): Promise<CallerClip[]> {
  return Promise.all(files.map((file) => recordedClip(file, recordings, 'conversation')));
}

async function oneConversation(type: ApiType, host: string, clips: readonly CallerClip[]): Promise<MeasuredReply[]> {
  const [first] = clips;
  if (!first) return [];
  const conversation = await type.open(host);
  const microphone = new Microphone(first.roomTone, (audio) => conversation.send(audio));
  const replies: MeasuredReply[] = [];
  try {
    microphone.start();
    await delay(betweenMs);
    for (const [index, clip] of clips.entries()) {
      const heard = new HeardAudio(realtimeRateHz);
      const marks = new Map<string, number>();
      let cutOff = false;
      const { endMs } = microphone.speak(clip);
      await new Promise<void>((resolve) => {
        const answered = (): void => {
          // A part of the turn that was answered for itself is not what is waited for.
          if (heard.audibleMs(endMs) === undefined) cutOff = true;
          else resolve();
        };
        conversation.begin({ heard, endMs, marks, answered });
        setTimeout(resolve, endMs - performance.now() + answerWithinMs).unref();
      });
      const audibleMs = heard.audibleMs(endMs);
      const early = heard.audibleMs();
      replies.push({
        file: clip.file,
        turn: index + 1,
        responseMs: audibleMs === undefined ? null : audibleMs - endMs,
        cutOff: cutOff || (early !== undefined && early < endMs),
        marks: Object.fromEntries(marks),
      });
      await delay(Math.max(0, heard.overMs - performance.now()) + betweenMs);
    }
  } finally {
    microphone.stop();
    await conversation.close();
  }
  return replies;
}
