import type { WebSocket } from 'ws';

const rateHz = 24_000;
const frameMs = 40;
/** Far above the noise floor that a browser leaves, far below a voice. */
const voiceRms = 0.02;
const voiceMsToStart = 200;
const quietMsToStop = 600;

export type ClientEvent = { readonly type: string; readonly [key: string]: unknown };

export type Script = {
  readonly greeting: string;
  /** Words so far, and how many of the first of them stay as they are. */
  readonly partials: readonly { readonly text: string; readonly stableWords: number }[];
  readonly transcript: string;
  readonly reply: string;
  /** Length of the tone that stands for the reply. */
  readonly replyMs: number;
  /** How far the server runs ahead of real time. */
  readonly aheadMs: number;
  /** Fields of `parley.turn` beyond ids and transcript. */
  readonly turn: Readonly<Record<string, unknown>>;
};

type SessionRequest = {
  readonly audio?: { readonly input?: { readonly turn_detection?: unknown } };
  readonly parley?: { readonly greeting?: unknown };
};

export type ScriptedCall = {
  heardMs(): number;
  /** Audio sent for playing, without the late frame after an interruption. */
  sentMs(): number;
  /** Cancels the running reply, as a server does when the caller speaks over it, and sends one late frame of it. */
  interrupt(): void;
  /** The caller says something that is no turn, such as a backchannel. */
  murmur(text: string): void;
  sendError(message: string): void;
  hangUp(code: number, reason: string): void;
  stop(): void;
};

/** One call: greets, waits for energy and then for quiet, answers with a tone, tells about the turn. */
export function openScriptedCall(socket: WebSocket, script: Script, received: ClientEvent[]): ScriptedCall {
  const timers = new Set<NodeJS.Timeout>();
  let appendedSamples = 0;
  let voiceMs = 0;
  let quietMs = 0;
  let callerItem: string | undefined;
  let reply: { readonly responseId: string; readonly itemId: string; heard(): string; stop(): void } | undefined;
  let greeted = false;
  let manual = false;
  let typed = '';
  let number = 0;
  let turns = 0;
  let totalSentMs = 0;

  const send = (event: Record<string, unknown>) => {
    number += 1;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ event_id: `event_${number}`, ...event }));
  };
  const newId = (kind: string) => {
    number += 1;
    return `${kind}_${number}`;
  };

  function speak(text: string, lengthMs: number, onFirstAudio: (ids: { responseId: string; itemId: string }) => void) {
    const ids = { responseId: newId('resp'), itemId: newId('item') };
    const place = { response_id: ids.responseId, item_id: ids.itemId, output_index: 0, content_index: 0 };
    const words = text.match(/\S+\s*/g) ?? [];
    const startedAtMs = performance.now();
    let sentMs = 0;
    let sentWords = 0;
    const timer = setInterval(step, frameMs / 2);
    timers.add(timer);
    const stop = () => {
      clearInterval(timer);
      timers.delete(timer);
      reply = undefined;
    };
    // Two words of what was begun are taken for unheard, as what has left but was not played yet.
    const heard = () =>
      words
        .slice(0, Math.max(0, sentWords - 2))
        .join('')
        .trim();
    reply = { ...ids, heard, stop };
    send({ type: 'response.created', response: { id: ids.responseId, status: 'in_progress', output: [] } });
    send({
      type: 'response.output_item.added',
      response_id: ids.responseId,
      output_index: 0,
      item: { id: ids.itemId },
    });

    function step() {
      while (sentMs < lengthMs && sentMs < performance.now() - startedAtMs + script.aheadMs) {
        send({ type: 'response.output_audio.delta', ...place, delta: tone(sentMs) });
        if (sentMs === 0) onFirstAudio(ids);
        sentMs += frameMs;
        totalSentMs += frameMs;
      }
      const playedShare = Math.min(1, (performance.now() - startedAtMs) / lengthMs);
      for (; sentWords < Math.ceil(playedShare * words.length); sentWords++) {
        send({ type: 'response.output_audio_transcript.delta', ...place, delta: words[sentWords] });
      }
      if (playedShare < 1) return;
      stop();
      send({ type: 'response.output_audio.done', ...place });
      send({ type: 'response.done', response: { id: ids.responseId, status: 'completed', output: [] } });
    }
  }

  function beginTurn() {
    callerItem = newId('item');
    send({ type: 'input_audio_buffer.speech_started', item_id: callerItem, audio_start_ms: heardMs() });
    for (const { text, stableWords } of script.partials)
      send({ type: 'parley.partial', item_id: callerItem, text, stable_words: stableWords });
  }

  function endTurn(itemId: string) {
    callerItem = undefined;
    voiceMs = 0;
    if (!manual) send({ type: 'input_audio_buffer.speech_stopped', item_id: itemId, audio_end_ms: heardMs() });
    send({ type: 'input_audio_buffer.committed', item_id: itemId });
    const place = { item_id: itemId, content_index: 0 };
    const prefix = 'conversation.item.input_audio_transcription';
    const half = script.transcript.length >> 1;
    send({ type: `${prefix}.delta`, ...place, delta: script.transcript.slice(0, half) });
    send({ type: `${prefix}.delta`, ...place, delta: script.transcript.slice(half) });
    send({ type: `${prefix}.completed`, ...place, transcript: script.transcript });
    if (!manual) answer(script.transcript);
  }

  function answer(transcript: string) {
    turns += 1;
    speak(script.reply, script.replyMs, ({ responseId, itemId: replyItem }) => {
      send({
        type: 'parley.turn',
        call_id: 'call_1',
        turn: turns,
        item_id: replyItem,
        response_id: responseId,
        transcript,
        ...script.turn,
      });
    });
  }

  function hear(audio: Buffer) {
    const samples = Math.floor(audio.length / 2);
    appendedSamples += samples;
    const ms = (1000 * samples) / rateHz;
    const loud = rmsOf(audio) > voiceRms;
    quietMs = loud ? 0 : quietMs + ms;
    if (loud) voiceMs += ms;
    if (reply !== undefined || manual) voiceMs = 0;
    else if (callerItem === undefined && voiceMs >= voiceMsToStart) beginTurn();
    else if (callerItem !== undefined && quietMs >= quietMsToStop) endTurn(callerItem);
  }

  function cancelReply(reason: string) {
    if (reply === undefined) return;
    const { responseId, itemId, heard, stop } = reply;
    stop();
    const output = [{ id: itemId, content: [{ type: 'output_audio', transcript: heard() }] }];
    const details = { type: 'cancelled', reason };
    send({ type: 'response.done', response: { id: responseId, status: 'cancelled', status_details: details, output } });
    // A frame that was already on its way when the reply was cancelled.
    const place = { response_id: responseId, item_id: itemId, output_index: 0, content_index: 0 };
    send({ type: 'response.output_audio.delta', ...place, delta: tone(0) });
  }

  function sendError(message: string, code = 'scripted') {
    send({ type: 'error', error: { type: 'server_error', code, message } });
  }

  const heardMs = () => Math.round((1000 * appendedSamples) / rateHz);

  socket.on('message', (data) => {
    const event = JSON.parse(String(data)) as ClientEvent;
    if (event.type === 'input_audio_buffer.append') {
      hear(Buffer.from(String(event.audio), 'base64'));
      return;
    }
    received.push(event);
    switch (event.type) {
      case 'session.update': {
        const session = event.session as SessionRequest;
        const detection = session.audio?.input?.turn_detection;
        if (detection !== undefined) manual = detection === null;
        send({ type: 'session.updated', session: { type: 'realtime', id: 'sess_1', ...session } });
        if (greeted) return;
        greeted = true;
        if (session.parley?.greeting !== false) speak(script.greeting, 400, () => {});
        return;
      }
      case 'input_audio_buffer.commit':
        endTurn(newId('item'));
        return;
      case 'conversation.item.create':
        typed = (event.item as { content: { text: string }[] }).content[0]?.text ?? '';
        return;
      case 'response.create':
        if (reply === undefined) answer(typed || script.transcript);
        else sendError('A response is under way.', 'conversation_already_has_active_response');
        return;
      case 'response.cancel':
        cancelReply('client_cancelled');
        return;
    }
  });
  send({ type: 'session.created', session: { type: 'realtime', id: 'sess_1' } });

  return {
    heardMs,
    sentMs: () => totalSentMs,
    interrupt() {
      if (reply === undefined) return;
      send({ type: 'input_audio_buffer.speech_started', item_id: newId('item'), audio_start_ms: heardMs() });
      cancelReply('turn_detected');
    },
    murmur(text) {
      const place = { item_id: newId('item') };
      send({ type: 'input_audio_buffer.speech_started', ...place, audio_start_ms: heardMs() });
      send({ type: 'parley.partial', ...place, text });
      send({ type: 'input_audio_buffer.speech_stopped', ...place, audio_end_ms: heardMs() });
    },
    sendError,
    hangUp: (code, reason) => socket.close(code, reason),
    stop() {
      for (const timer of timers) clearInterval(timer);
      timers.clear();
    },
  };
}

/** @returns a frame of a 440 Hz tone at half scale, PCM16 in base64; consecutive frames join without a step */
function tone(fromMs: number): string {
  const frame = Buffer.alloc(2 * ((rateHz * frameMs) / 1000));
  for (let i = 0; i < frame.length / 2; i++) {
    const seconds = fromMs / 1000 + i / rateHz;
    frame.writeInt16LE(Math.round(16_384 * Math.sin(2 * Math.PI * 440 * seconds)), 2 * i);
  }
  return frame.toString('base64');
}

function rmsOf(audio: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < audio.length; at += 2) sum += (audio.readInt16LE(at) / 32_768) ** 2;
  return Math.sqrt(sum / Math.max(1, audio.length >> 1));
}
