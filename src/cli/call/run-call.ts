import { ParleyError } from '../../audio/error.js';
import type { ClientEvent } from '../../client/client-events.js';
import { base64ToSamples, int16Samples, pcm16ToBase64, realtimeRateHz } from '../../client/pcm.js';
import type { ServerEvent } from '../../client/server-events.js';
import { systemClock } from '../../observability/system-clock.js';
import type { Clock } from '../../ports/clock.js';
import { audibleFromMs } from './audibility.js';
import { createCallLog } from './call-log.js';
import type { CallResult, CallUpdate } from './call-result.js';
import { createCallerTrack } from './caller-track.js';
import type { CallerClip } from './clip.js';
import { createFloor, type FloorAction } from './floor.js';
import { type OpenedSession, openSession, type SessionOptions } from './open-session.js';
import { startPacer } from './pacer.js';
import { createPlayer, type PlayedFrame } from './player.js';
import { createRecorder } from './recorder.js';
import { type CallTiming, defaultCallTiming, frameMs, frameSamples } from './timing.js';

export type CallOptions = SessionOptions & {
  /** The caller's turns, in order; at least one. */
  readonly clips: readonly CallerClip[];
  /** Begin the next file this long after a reply became audible instead of waiting for its end; as in `FloorPlan`. */
  readonly bargeInMs?: number | readonly number[];
  readonly timing?: Partial<CallTiming>;
  /** Called when a turn is about to begin; what it returns is sent before the turn's first sample. */
  readonly beforeTurn?: (index: number) => readonly ClientEvent[];
  /** What the caller's microphone picks up. @defaultValue the caller alone */
  readonly microphone?: (frame: MicrophoneFrame) => Float32Array;
  /** @defaultValue the monotonic clock of the process */
  readonly clock?: Clock;
  readonly onUpdate?: (update: CallUpdate) => void;
};

/** 20 ms at 24 kHz: the caller, and what the loudspeaker plays at the same time. */
export type MicrophoneFrame = {
  readonly caller: Float32Array;
  readonly agent: Float32Array;
  /** Recording time of the first sample. */
  readonly nowMs: number;
};

type Ending = Pick<CallResult, 'ended' | 'failure'>;

/**
 * Makes one call: plays the clips in real time as a caller would, listens, and records both sides on one clock. It
 * prints nothing. `signal` ends the call early and keeps what was recorded.
 *
 * The caller's frame of an interval is sent when the interval is over, as a microphone delivers it; the agent's frame
 * is made of what had arrived when the interval began, as a loudspeaker takes it. So latencies read off the recording
 * are those of a caller, the 20 ms of a microphone's frame included.
 *
 * @throws ParleyError when no session comes about (as `openSession`), `call.no_clips`. Once it has begun, a call that
 * fails returns its recording with `ended: 'failed'`.
 */
export async function runCall(options: CallOptions): Promise<CallResult> {
  const [firstClip] = options.clips;
  if (!firstClip) {
    throw new ParleyError('A call needs at least one recording of the caller.', { code: 'call.no_clips', status: 400 });
  }
  const session = await openSession(options);
  return converse(session, firstClip, options);
}

async function converse(session: OpenedSession, firstClip: CallerClip, options: CallOptions): Promise<CallResult> {
  const { clips, signal, onUpdate = () => {} } = options;
  const { client } = session;
  const timing = { ...defaultCallTiming, ...options.timing };
  const track = createCallerTrack(firstClip.roomTone);
  const player = createPlayer();
  const recorder = createRecorder();
  const log = createCallLog(onUpdate);
  const floor = createFloor({
    speechEndsMs: clips.map((clip) => clip.speech.endMs),
    greeting: session.greets,
    timing,
    ...(options.bargeInMs === undefined ? {} : { bargeInMs: options.bargeInMs }),
  });
  const activeReplies = new Set<string>();
  let unsent: Int16Array | undefined;
  let reportedTurns = 0;

  let finish: (ending: Ending) => void = () => {};
  const ending = new Promise<Ending>((resolve) => {
    finish = resolve;
  });
  let over = false;
  const end = (how: Ending): void => {
    over = true;
    pacer.stop();
    finish(how);
  };
  const fail = (error: unknown): void => {
    if (!over) end({ ended: 'failed', failure: failureOf(error) });
  };

  const step = (index: number): void => {
    const nowMs = index * frameMs;
    if (unsent) client.send({ type: 'input_audio_buffer.append', audio: pcm16ToBase64(unsent) });
    const played = player.next(nowMs);
    const action = floor.step(viewOf(played, nowMs));
    reportTurns();
    if (action.type === 'end') {
      end({ ended: 'completed', failure: null });
      return;
    }
    if (nowMs >= timing.longestCallMs) throw tooLong(timing.longestCallMs);
    move(action);
    const caller = track.next(frameSamples);
    unsent = int16Samples(options.microphone?.({ caller, agent: played.samples, nowMs }) ?? caller);
    recorder.add(unsent, int16Samples(played.samples));
  };

  const viewOf = (played: PlayedFrame, nowMs: number) => {
    const fromMs = audibleFromMs(played.samples);
    return {
      nowMs,
      audible: fromMs === null ? null : played.responseId,
      audibleFromMs: fromMs ?? 0,
      busy: activeReplies.size > 0 || player.pending,
      inClip: track.inClip,
    };
  };

  const move = (action: FloorAction): void => {
    if (action.type === 'cut') track.cut();
    const clip = action.type === 'play' ? clips[action.index] : undefined;
    if (action.type !== 'play' || !clip) return;
    for (const event of options.beforeTurn?.(action.index) ?? []) client.send(event);
    track.play(clip);
  };

  const reportTurns = (): void => {
    for (const turn of floor.turns.slice(reportedTurns)) {
      const clip = clips[turn.index];
      if (turn.outcome === 'open' || !clip) return;
      reportedTurns += 1;
      onUpdate({ type: 'turn', turn: log.turn(turn, clip) });
    }
  };

  const read = (event: ServerEvent): void => {
    const nowMs = pacer.nowMs();
    switch (event.type) {
      case 'response.created':
        activeReplies.add(event.response.id);
        floor.replyCreated(event.response.id);
        break;
      case 'response.output_audio.delta': {
        const samples = base64ToSamples(event.delta);
        if (!samples) throw notBase64();
        player.add({ responseId: event.response_id, itemId: event.item_id, samples, atMs: nowMs });
        break;
      }
      case 'response.output_audio.done':
        player.complete(event.response_id);
        break;
      case 'response.done':
        activeReplies.delete(event.response.id);
        if (event.response.status === 'cancelled') takeBack(event.response.id, nowMs);
        else player.complete(event.response.id);
        break;
      default:
        break;
    }
    log.read(event, nowMs, floor.turns.length - 1);
  };

  /** The server cannot know how much of its reply was heard: it is told. */
  const takeBack = (responseId: string, nowMs: number): void => {
    const item = player.drop(responseId);
    floor.replyCancelled(responseId, nowMs);
    if (!item) return;
    client.send({
      type: 'conversation.item.truncate',
      item_id: item.itemId,
      content_index: 0,
      audio_end_ms: item.playedMs,
    });
  };

  const pacer = startPacer({ clock: options.clock ?? systemClock, periodMs: frameMs, step, fail });
  const onAbort = (): void => end({ ended: 'aborted', failure: null });
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  session.listen((event) => {
    if (over) return;
    try {
      read(event);
    } catch (error) {
      fail(error);
    }
  });
  void client.ended.then((how) => {
    if (how.by === 'server') fail(how.error);
  });

  const how = await ending;
  signal?.removeEventListener('abort', onAbort);
  await client.close();
  return {
    rateHz: realtimeRateHz,
    ...recorder.read(),
    turns: floor.turns.flatMap((turn) => {
      const clip = clips[turn.index];
      return clip ? [log.turn(turn, clip)] : [];
    }),
    dialogue: log.dialogue,
    player: player.counts,
    pacing: pacer.counts,
    serverErrors: log.serverErrors,
    ...how,
  };
}

function failureOf(error: unknown): ParleyError {
  if (!ParleyError.isInstance(error)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new ParleyError(`The call failed: ${reason}`, { code: 'call.failed', cause: error });
  }
  if (error.code !== 'client.closed') return error;
  return new ParleyError(`The call broke off. ${error.message}`, {
    code: 'call.lost',
    retryable: true,
    status: 502,
    cause: error,
  });
}

function notBase64(): ParleyError {
  return new ParleyError('The server sent audio that is not base64; expected PCM16, mono, 24 kHz.', {
    code: 'client.protocol',
    status: 502,
  });
}

function tooLong(longestMs: number): ParleyError {
  return new ParleyError(
    `The call has lasted ${Math.round(longestMs / 60_000)} min, the most that is recorded; make it with fewer files.`,
    { code: 'call.too_long', status: 400 },
  );
}
