import { ParleyError } from '../../audio/error.js';
import { base64ToSamples, int16Samples, pcm16ToBase64, realtimeRateHz } from '../../client/pcm.js';
import type { ServerEvent } from '../../client/server-events.js';
import type { OpenSocket } from '../../client/socket-like.js';
import { systemClock } from '../../observability/system-clock.js';
import { createCallerChannel } from '../../testing/scenarios/caller-channel.js';
import { audibleSpan, type CallerSource, prepareLines } from '../../testing/scenarios/caller-lines.js';
import { createDirector, type DirectorAction } from '../../testing/scenarios/director.js';
import { scenarioLimits } from '../../testing/scenarios/limits.js';
import { arrivalTimes } from '../../testing/scenarios/network-times.js';
import type { ObservedCall, TimedText } from '../../testing/scenarios/observed-call.js';
import type { Scenario } from '../../testing/scenarios/scenario-schema.js';
import { type ReadRecordings, realSurroundings } from '../../testing/scenarios/surroundings.js';
import { audibleFromMs } from '../call/audibility.js';
import { openSession } from '../call/open-session.js';
import { startPacer } from '../call/pacer.js';
import { createPlayer } from '../call/player.js';
import { createRecorder } from '../call/recorder.js';
import { frameMs } from '../call/timing.js';
import { ReplyWatch } from './reply-watch.js';

/** What one event of the protocol takes. */
const mostKeys = 32;

export type RealTimeCallOptions = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly source: CallerSource & { readonly readRecordings: ReadRecordings };
  readonly url: string;
  readonly openSocket: OpenSocket;
  readonly signal: AbortSignal;
  /** Each line of the conversation as it happens. */
  readonly onLine?: (who: 'caller' | 'agent', text: string) => void;
};

export type RealTimeCall = ObservedCall & {
  /** The name under which the server keeps the call; undefined where it does not say it. */
  readonly callId: string | undefined;
  /** Steps of the caller's clock that ran late: with many of them the latencies are not to be trusted. */
  readonly lateSteps: number;
};

/** Everything that the caller of a scenario will say: made before the call, so that nothing is computed during it. */
export async function prepareCaller({
  scenario,
  source,
  seed,
}: Pick<RealTimeCallOptions, 'scenario' | 'source' | 'seed'>) {
  const rateHz = realtimeRateHz;
  return {
    lines: await prepareLines(scenario, source, { rateHz, seed, rendered: true }),
    surroundings: await realSurroundings({ scenario, source, readRecordings: source.readRecordings, rateHz, seed }),
  };
}

export type PreparedCaller = Awaited<ReturnType<typeof prepareCaller>>;

/**
 * Plays a scenario to a running server as an ordinary client of its socket, in real time, and records both sides on one
 * clock as `runCall` does.
 * @throws ParleyError as `openSession`; `simulate.lost` when the connection breaks off
 */
export async function realTimeCall(prepared: PreparedCaller, options: RealTimeCallOptions): Promise<RealTimeCall> {
  const { scenario, signal, onLine = () => {} } = options;
  const { greeting, instructions } = scenario.agent;
  const session = await openSession({
    url: options.url,
    openSocket: options.openSocket,
    greeting: greeting ?? false,
    signal,
    ...(instructions === undefined ? {} : { instructions }),
  });
  const { client } = session;
  const channel = createCallerChannel(realtimeRateHz, prepared.surroundings);
  const director = createDirector(scenario, prepared.lines);
  const arrivals = arrivalTimes(scenario.conditions, options.seed);
  const player = createPlayer();
  const recorder = createRecorder();
  const replies = new ReplyWatch();
  const spoken: ObservedCall['lines'][number][] = [];
  const heard: TimedText[] = [];
  const problems: TimedText[] = [];
  const unsent: { readonly values: Int16Array; readonly dueMs: number }[] = [];
  let endedByAgentMs: number | undefined;
  let callId: string | undefined;
  let failure: unknown;
  let finish: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const end = (error?: unknown): void => {
    failure ??= error;
    pacer.stop();
    finish();
  };

  const step = (index: number): void => {
    const nowMs = index * frameMs;
    if (endedByAgentMs === undefined)
      for (let next = unsent[0]; next && next.dueMs <= nowMs; next = unsent[0]) {
        client.send({ type: 'input_audio_buffer.append', audio: pcm16ToBase64(next.values) });
        unsent.shift();
      }
    const played = player.next(nowMs);
    const audible = audibleFromMs(played.samples) !== null;
    if (audible && played.responseId !== null) replies.sounds(played.responseId, nowMs, nowMs + frameMs);
    const ended = endedByAgentMs !== undefined || nowMs > scenarioLimits.maxCallMs;
    const view = { nowMs, audible, busy: replies.busy || player.pending, ended, words: replies.words };
    for (const action of director.step(view)) {
      if (action.type === 'end') {
        end();
        return;
      }
      perform(action);
    }
    const values = int16Samples(channel.next(played.samples));
    recorder.add(values, int16Samples(played.samples));
    // As a microphone delivers it: when the frame is over, and later where the network is slow.
    const dueMs = arrivals ? arrivals.get(index) : nowMs + frameMs;
    if (dueMs !== undefined) unsent.push({ values, dueMs });
  };

  const perform = (action: Exclude<DirectorAction, { type: 'end' }>): void => {
    if (action.type === 'keys') {
      for (let at = 0; at < action.keys.length; at += mostKeys)
        client.send({ type: 'parley.dtmf.press', keys: action.keys.slice(at, at + mostKeys) });
      return;
    }
    const { line, place } = action;
    const startMs = channel.play(line.sound);
    const span = audibleSpan(line.sound);
    spoken.push({ place, role: line.role, startMs: startMs + span.startMs, endMs: startMs + span.endMs });
  };

  const read = (event: ServerEvent): void => {
    const nowMs = pacer.nowMs();
    switch (event.type) {
      case 'response.created':
        replies.begins(event.response.id);
        break;
      case 'response.output_audio.delta': {
        const samples = base64ToSamples(event.delta);
        if (samples) player.add({ responseId: event.response_id, itemId: event.item_id, samples, atMs: nowMs });
        break;
      }
      case 'response.output_audio.done':
        player.complete(event.response_id);
        break;
      case 'response.output_audio_transcript.delta':
        replies.says(event.response_id, event.delta, nowMs);
        break;
      case 'response.done': {
        const { id, status } = event.response;
        const text = replies.ends(id, status);
        if (text !== '') onLine('agent', text);
        if (status !== 'cancelled') {
          player.complete(id);
          break;
        }
        const item = player.drop(id);
        if (item)
          client.send({
            type: 'conversation.item.truncate',
            item_id: item.itemId,
            content_index: 0,
            audio_end_ms: item.playedMs,
          });
        break;
      }
      case 'parley.turn':
        callId = event.call_id ?? undefined;
        break;
      case 'conversation.item.input_audio_transcription.completed':
        heard.push({ atMs: nowMs, text: event.transcript.trim() });
        onLine('caller', event.transcript.trim());
        break;
      case 'conversation.item.input_audio_transcription.failed':
      case 'error':
        problems.push({ atMs: nowMs, text: event.error.message ?? 'a transcription failed' });
        break;
      default:
        break;
    }
  };

  const pacer = startPacer({ clock: systemClock, periodMs: frameMs, step, fail: end });
  const onAbort = (): void => end(new ParleyError('The call was broken off on request.', { code: 'client.aborted' }));
  signal.addEventListener('abort', onAbort, { once: true });
  session.listen((event) => {
    try {
      read(event);
    } catch (error) {
      end(error);
    }
  });
  void client.ended.then((how) => {
    if (how.by === 'client') return;
    endedByAgentMs ??= pacer.nowMs();
    // A server that hangs up closes in the ordinary way; all else is a fault of the line.
    if (how.code !== 1000) end(lost(how.error));
  });
  await over;
  signal.removeEventListener('abort', onAbort);
  await client.close();
  if (failure !== undefined) throw failure;
  const { caller, agent } = recorder.read();
  return {
    rateHz: realtimeRateHz,
    caller,
    agent,
    lines: spoken,
    marks: director.marks,
    words: replies.words,
    heard,
    problems,
    replies: replies.list(),
    overlaps: replies.overlaps,
    endedByAgentMs,
    callId,
    lateSteps: pacer.counts.lateSteps,
  };
}

function lost(cause: ParleyError): ParleyError {
  return new ParleyError(`The call broke off. ${cause.message}`, {
    code: 'simulate.lost',
    retryable: true,
    status: 502,
    cause,
  });
}
