import { setTimeout as delay } from 'node:timers/promises';
import { recordedClip, recordingSet } from '../call/recorded-clip.js';
import { serveJob } from '../support/own-process.js';
import { requestChat } from './chat-request.js';
import { inTurn, type StreamResult } from './sample.js';
import { requestSpeech } from './speech-request.js';
import type { StreamsJob, StreamsReport } from './streams-job.js';
import { streamTranscription, type TurnEnd } from './transcription-stream.js';

/** Speakers who began at the same moment would all stop together; requests of text do come at once. */
const staggerMs = 500;

/** The process of the clients. */
serveJob(open);

async function open({ host, plan, ordersDir }: StreamsJob): Promise<StreamsReport> {
  const { measure } = plan;
  if (measure === 'endpointed' || measure === 'committed')
    return { streams: await transcriptions(host, plan.inputs, { ordersDir, turnEnd: measure }) };
  const request = measure === 'speech' ? requestSpeech : requestChat;
  return {
    streams: await Promise.all(plan.inputs.map((inputs) => inTurn(inputs, (text) => request(host, text)))),
  };
}

async function transcriptions(
  host: string,
  files: readonly (readonly string[])[],
  { ordersDir, turnEnd }: { readonly ordersDir: string; readonly turnEnd: TurnEnd },
): Promise<StreamResult[]> {
  const recordings = await recordingSet(ordersDir);
  const clips = await Promise.all(
    files.map((each) => Promise.all(each.map((file) => recordedClip(file, recordings, 'conversation')))),
  );
  return Promise.all(
    clips.map(async (each, stream) => {
      await delay(stream * staggerMs);
      try {
        return await streamTranscription(host, each, turnEnd);
      } catch (error) {
        return { samples: [], failures: [(error as Error).message] };
      }
    }),
  );
}
