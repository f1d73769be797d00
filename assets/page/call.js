import { activityOf } from './activity.js';
import { connectMicrophone, openAudioContext } from './audio-context.js';
import { requestMicrophone, startCapture } from './microphone.js';
import { decodePcm16, encodePcm16, rms } from './pcm.js';
import { openSocket, realtimeUrl } from './socket.js';
import { startSpeaker } from './speaker.js';

/** Cancelled responses are remembered so that audio still on its way is dropped; more cannot be under way. */
const maxRememberedResponses = 20;

/**
 * One call, without any page around it. Every callback may be called until `onEnd`, which comes once.
 * @typedef {object} CallEvents
 * @property {(activity: 'connecting' | 'listening' | 'thinking' | 'speaking') => void} onActivity
 * @property {(level: number) => void} onLevel of the microphone, RMS 0..1, 50 times a second
 * @property {(itemId: string) => void} onCallerTurn the caller began to speak: the place of the caption
 * @property {(itemId: string, text: { confirmed?: string, partial?: string, final?: string }) => void} onCallerText
 * @property {(itemId: string, words: string) => void} onAgentWords appended as they are played
 * @property {(itemId: string) => void} onInterrupted
 * @property {(turn: Record<string, any>) => void} onTurn `parley.turn`
 * @property {(message: string) => void} onWarning the call goes on
 * @property {(end: { error?: Error, close?: { code: number, reason: string, opened: boolean, lastError?: string } }) => void} onEnd
 */

/**
 * Starts a call. Call it inside a click.
 * @param {CallEvents} on
 * @returns {{ hangUp(): void, stats(): object }}
 */
export function startCall(on) {
  const facts = { live: false, audible: false, replyPending: false };
  const cancelled = new Set();
  const confirmed = new Map();
  const truncations = [];
  let context = openAudioContext();
  let stream;
  let capture;
  let speaker;
  let socket;
  let activity;
  let lastError;
  /** @type {{ responseId: string, itemId: string } | undefined} the last audio that came in */
  let speaking;
  let queued = false;
  let responseRunning = false;
  let ended = false;

  function update(change) {
    Object.assign(facts, change);
    const now = activityOf(facts);
    if (now === activity || ended) return;
    activity = now;
    on.onActivity(now);
  }

  function end(reason) {
    if (ended) return;
    ended = true;
    capture?.close();
    speaker?.close();
    socket?.close();
    for (const track of stream?.getTracks() ?? []) track.stop();
    context.close().catch(() => {});
    on.onEnd(reason);
  }

  async function start() {
    update({});
    try {
      stream = await requestMicrophone();
    } catch (error) {
      return end({ error });
    }
    if (ended) {
      for (const track of stream.getTracks()) track.stop();
      return undefined;
    }
    stream.getAudioTracks()[0]?.addEventListener('ended', () => {
      end({ error: Object.assign(new Error('The microphone went away.'), { name: 'NotFoundError' }) });
    });
    const connected = await connectMicrophone(context, stream);
    context = connected.context;
    speaker = await startSpeaker(context, ({ playing }) => {
      queued = playing;
      // Between two frames of one reply the buffer may run empty; that is no end of speaking.
      if (playing || !responseRunning) update({ audible: playing });
    });
    capture = await startCapture(context, connected.source, (frame) => {
      on.onLevel(rms(frame));
      if (facts.live) socket.sendAudio(encodePcm16(frame));
    });
    if (ended) return capture.close();
    keepSounding(context, on.onWarning);
    socket = openSocket(realtimeUrl(), {
      onEvent: (event) => Object.hasOwn(handlers, event.type) && handlers[event.type](event),
      onClose: (close) => end({ close: { ...close, lastError } }),
    });
  }

  async function stopSpeaking(responseId) {
    remember(cancelled, responseId);
    if (speaking?.responseId !== responseId) return;
    const { itemId } = speaking;
    speaking = undefined;
    await speaker.flush();
    update({ audible: false });
    const heardMs = speaker.heardMs(itemId);
    if (ended || heardMs === undefined) return;
    truncations.push({ itemId, heardMs });
    if (truncations.length > maxRememberedResponses) truncations.shift();
    socket.send({ type: 'conversation.item.truncate', item_id: itemId, content_index: 0, audio_end_ms: heardMs });
    on.onInterrupted(itemId);
  }

  /** @type {Record<string, (event: any) => void>} */
  const handlers = {
    'session.created': () => {
      socket.send({ type: 'session.update', session: { type: 'realtime', parley: { turn_metrics: true } } });
    },
    'session.updated': () => update({ live: true }),
    'input_audio_buffer.speech_started': (event) => {
      on.onCallerTurn(event.item_id);
      update({ replyPending: false });
    },
    'input_audio_buffer.speech_stopped': () => update({ replyPending: true }),
    'parley.partial': (event) => on.onCallerText(event.item_id, { partial: String(event.text ?? '') }),
    'conversation.item.input_audio_transcription.delta': (event) => {
      const text = (confirmed.get(event.item_id) ?? '') + (event.delta ?? '');
      confirmed.set(event.item_id, text);
      on.onCallerText(event.item_id, { confirmed: text });
    },
    'conversation.item.input_audio_transcription.completed': (event) => {
      confirmed.delete(event.item_id);
      const final = String(event.transcript ?? '');
      on.onCallerText(event.item_id, { final });
      if (final.trim() === '' && !responseRunning) update({ replyPending: false });
    },
    'conversation.item.input_audio_transcription.failed': (event) => {
      confirmed.delete(event.item_id);
      on.onCallerText(event.item_id, { final: '' });
      if (!responseRunning) update({ replyPending: false });
    },
    'response.created': () => {
      responseRunning = true;
      update({ replyPending: true });
    },
    'response.output_audio.delta': (event) => {
      if (cancelled.has(event.response_id)) return;
      speaking = { responseId: event.response_id, itemId: event.item_id };
      speaker.enqueue(event.item_id, decodePcm16(event.delta));
    },
    'response.output_audio_transcript.delta': (event) => {
      if (!cancelled.has(event.response_id)) on.onAgentWords(event.item_id, String(event.delta ?? ''));
    },
    'response.done': ({ response }) => {
      responseRunning = false;
      update({ replyPending: false, audible: queued });
      if (response?.status === 'cancelled') stopSpeaking(response.id);
      if (response?.status === 'failed') on.onWarning(response.status_details?.error?.message ?? 'A reply failed.');
    },
    'parley.turn': (event) => on.onTurn(event),
    error: (event) => {
      lastError = event.error?.message;
      on.onWarning(lastError ?? 'The server reported an error.');
    },
  };

  start().catch((error) => end({ error }));

  return {
    hangUp: () => end({}),
    stats: () => ({
      activity,
      contextRateHz: context.sampleRate,
      ...socket?.stats,
      playback: { ...speaker?.stats },
      truncations: [...truncations],
    }),
  };
}

/** Phones suspend audio for a call or a lock screen and do not always take it up again. */
function keepSounding(context, onWarning) {
  const resume = () => context.resume().catch(() => {});
  resume();
  context.onstatechange = () => {
    if (context.state === 'running' || context.state === 'closed') return;
    onWarning('Your device paused the sound. It goes on when this page is in front.');
    resume();
  };
}

function remember(set, value) {
  set.add(value);
  if (set.size > maxRememberedResponses) set.delete(set.values().next().value);
}
