import type { ServerEvent } from '../../../../src/client/server-events.js';
import {
  accepts,
  keepSounding,
  loadWorklets,
  openAudioContext,
  openContextAtDeviceRate,
} from '../audio/audio-context.js';
import { createLevelReader } from '../audio/level.js';
import { type Capture, type MicrophoneChoice, requestMicrophone, startCapture } from '../audio/microphone.js';
import { type Speaker, startSpeaker } from '../audio/speaker.js';
import type { Activity, Call, CallEnd, CallObserver, CallOptions, TalkMode } from './call-types.js';
import { type Connection, openConnection } from './connection.js';
import { activeResponseError, createReplies, type Replies } from './replies.js';

/** A press too short to hold a word: a slip of the finger. */
const shortestHoldMs = 250;
/** A turn that was taken is committed in the same breath; a network may put some time between the two. */
const commitFollowsMs = 400;
/** What was held was no audio. */
const emptyCommitError = 'input_audio_buffer_commit_empty';
/** Races that are nobody's fault: the reply ended while we asked to cancel it. */
const harmlessErrors: ReadonlySet<string> = new Set([
  'response_cancel_not_active',
  emptyCommitError,
  activeResponseError,
]);

/** Starts a call. Call it in a click or key press, or the browser keeps it silent. */
export function startCall(options: CallOptions, on: CallObserver): Call {
  const facts = { live: false, audible: false, replyPending: false };
  let { mode } = options;
  let context = openAudioContext();
  let capture: Capture | undefined;
  let speaker: Speaker | undefined;
  let connection: Connection | undefined;
  let replies: Replies | undefined;
  let readCaller = (): number => 0;
  let readAgent = (): number => 0;
  let activity: Activity | undefined;
  let lastError: string | undefined;
  let queued = false;
  let muted = false;
  let heldSinceMs: number | undefined;
  let stoppedTurn: { readonly itemId: string; readonly timer: ReturnType<typeof setTimeout> } | undefined;
  let ended = false;

  function update(change: Partial<typeof facts>): void {
    Object.assign(facts, change);
    const now = activityOf(facts);
    if (now === activity || ended) return;
    activity = now;
    on.onActivity(now);
  }

  function end(how: CallEnd): void {
    if (ended) return;
    ended = true;
    capture?.close();
    speaker?.close();
    connection?.close();
    context.close().catch(() => {});
    on.onEnd(how);
  }

  function listens(): boolean {
    return facts.live && (mode === 'hands-free' || heldSinceMs !== undefined);
  }

  function adopt(stream: MediaStream): void {
    capture?.close();
    capture = startCapture(context, stream, {
      onFrame(frame) {
        // Silence instead of nothing: the server's timeline goes on, and it need not guess at a gap.
        if (listens()) connection?.sendAudio(muted ? new Float32Array(frame.length) : frame);
      },
      onLost() {
        end({
          by: 'error',
          error: Object.assign(new Error('The microphone went away.'), { name: 'NotFoundError' }),
        });
      },
    });
    readCaller = createLevelReader(capture.analyser);
    on.onMicrophone();
  }

  async function start(): Promise<void> {
    update({});
    const stream = options.microphone && (await requestMicrophone(options.microphone));
    if (stream && !ended && !accepts(context, stream)) {
      await context.close();
      context = openContextAtDeviceRate();
    }
    if (!ended) await loadWorklets(context);
    if (ended) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      context.close().catch(() => {});
      return;
    }
    keepSounding(context, () => on.onWarning('Your device paused the sound. It goes on when this page is in front.'));
    if (stream) adopt(stream);
    connect();
  }

  function connect(): void {
    const playback = startSpeaker(context, (playing) => {
      queued = playing;
      // Between two frames of one reply the buffer may run empty; that is no end of speaking.
      if (playing || replies?.running !== true) update({ audible: playing });
    });
    speaker = playback;
    readAgent = createLevelReader(playback.analyser);
    const opened = openConnection(options.apiKey, {
      onOpen: () => {
        opened.send({
          type: 'session.update',
          session: {
            type: 'realtime',
            parley: { turn_metrics: true, ...(!options.greeting && { greeting: false }) },
            ...turnDetection(mode, 'begin'),
          },
        });
      },
      onEvent: handle,
      onEnd: (close) => end({ by: 'server', ...close, lastError }),
    });
    connection = opened;
    replies = createReplies({
      speaker: playback,
      send: opened.send,
      on: {
        ...on,
        onInterrupted: (itemId, heard) => {
          update({ audible: false });
          on.onInterrupted(itemId, heard);
        },
      },
      onPending: (replyPending) => update(replyPending ? { replyPending } : { replyPending, audible: queued }),
    });
  }

  function handle(event: ServerEvent): void {
    if (ended) return;
    replies?.handle(event);
    switch (event.type) {
      case 'session.updated':
        update({ live: true });
        return;
      case 'input_audio_buffer.speech_started':
        on.onCallerTurn(event.item_id);
        update({ replyPending: false });
        return;
      case 'input_audio_buffer.speech_stopped':
        awaitCommit(event.item_id);
        return;
      case 'input_audio_buffer.committed':
        if (stoppedTurn?.itemId === event.item_id) clearTimeout(stoppedTurn.timer);
        on.onCallerTurn(event.item_id);
        update({ replyPending: true });
        return;
      case 'parley.partial':
        on.onCallerWords(event.item_id, { partial: event.text, stableWords: event.stable_words ?? 0 });
        return;
      case 'conversation.item.input_audio_transcription.completed':
        heard(event.item_id, event.transcript);
        return;
      case 'conversation.item.input_audio_transcription.failed':
        heard(event.item_id, '');
        return;
      case 'parley.turn':
        on.onTurn(event);
        return;
      case 'error':
        if (event.error.code === emptyCommitError) update({ replyPending: false });
        if (harmlessErrors.has(event.error.code ?? '')) return;
        lastError = event.error.message;
        on.onWarning(event.error.message);
        return;
    }
  }

  function awaitCommit(itemId: string): void {
    const timer = setTimeout(() => {
      if (!ended) on.onCallerTurnDropped(itemId);
    }, commitFollowsMs);
    stoppedTurn = { itemId, timer };
  }

  function heard(itemId: string, final: string): void {
    on.onCallerWords(itemId, { final });
    const empty = final.trim() === '';
    if (empty && replies?.running !== true) update({ replyPending: false });
    if (!empty && mode === 'push-to-talk') replies?.ask([]);
  }

  function release(): void {
    if (heldSinceMs === undefined) return;
    const heldMs = performance.now() - heldSinceMs;
    heldSinceMs = undefined;
    const meant = heldMs >= shortestHoldMs;
    connection?.send({ type: meant ? 'input_audio_buffer.commit' : 'input_audio_buffer.clear' });
    if (meant) update({ replyPending: true });
  }

  start().catch((error: unknown) => end({ by: 'error', error }));

  return {
    hangUp: () => end({ by: 'caller' }),
    interrupt: () => replies?.interrupt(),
    type(text) {
      const content = [{ type: 'input_text', text }] as const;
      replies?.ask([{ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } }]);
    },
    setMode(next) {
      if (next === mode) return;
      release();
      mode = next;
      connection?.send({ type: 'session.update', session: { type: 'realtime', ...turnDetection(mode, 'change') } });
    },
    setMuted(next) {
      muted = next;
    },
    hold() {
      if (mode !== 'push-to-talk' || !facts.live || heldSinceMs !== undefined) return;
      replies?.interrupt();
      heldSinceMs = performance.now();
    },
    release,
    async changeMicrophone(choice: MicrophoneChoice) {
      const stream = await requestMicrophone(choice);
      if (ended || !accepts(context, stream)) {
        for (const track of stream.getTracks()) track.stop();
        if (!ended) throw new Error('This call cannot take that microphone: hang up, choose it, and press Talk again.');
        return;
      }
      adopt(stream);
    },
    levels: () => ({ caller: muted || !listens() ? 0 : readCaller(), agent: readAgent() }),
    stats: () =>
      speaker && connection && replies && activity
        ? {
            activity,
            contextRateHz: context.sampleRate,
            ...connection.stats,
            playback: { ...speaker.stats },
            truncations: [...replies.truncations],
          }
        : undefined,
  };
}

function activityOf({ live, audible, replyPending }: { live: boolean; audible: boolean; replyPending: boolean }) {
  if (!live) return 'connecting';
  if (audible) return 'speaking';
  return replyPending ? 'thinking' : 'listening';
}

/** At the beginning hands-free is what the agent does by itself. */
function turnDetection(mode: TalkMode, when: 'begin' | 'change') {
  if (mode === 'push-to-talk') return { audio: { input: { turn_detection: null } } };
  return when === 'begin' ? {} : { audio: { input: { turn_detection: { type: 'semantic_vad' } } } };
}
