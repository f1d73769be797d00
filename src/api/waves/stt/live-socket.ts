import { rawDecoder } from '../../../audio/formats.js';
import type { Layers } from '../../../platform/layers/layers.js';
import type { LiveInput } from '../../../platform/layers/transcription/live-events.js';
import { ParleyError } from '../../../ports/errors.js';
import { RequestError, requestError } from '../../openai/rest/openai-error.js';
import { jsonMessage } from '../../sockets/json-message.js';
import type { SocketSession } from '../../sockets/socket-session.js';
import { wavesError } from '../common/waves-error.js';
import type { WavesSocket } from '../common/waves-route.js';
import { type LiveControl, liveControlSchema } from './live-control.js';
import { LiveMessages } from './live-messages.js';
import { type LiveSettings, liveSettingsOf } from './live-options.js';
import { liveQuerySchema } from './stt-query.js';
import { parametersOf, readParameters } from './stt-request.js';

/** Live transcription as Smallest.ai's Pulse has it. */
export const liveSocket: WavesSocket<LiveSettings> = socketAt('/stt/live', { older: false });

/** The same at its older path, which names no model and tells of words where nothing is said of them. */
export const olderLiveSocket: WavesSocket<LiveSettings> = socketAt('/pulse/get_text', { older: true });

function socketAt(path: string, { older }: { readonly older: boolean }): WavesSocket<LiveSettings> {
  return {
    paths: [path],
    scope: 'transcribe',
    check: (url, _headers, { layers }) => settingsOf(url, layers(), older),
    onOpen: (session, settings, { layers }) => transcribe(session, settings, layers()),
  };
}

function settingsOf(url: URL, { transcription }: Layers, older: boolean): LiveSettings {
  const given = { ...(older ? { model: 'pulse' } : {}), ...parametersOf(url) };
  const query = readParameters(liveQuerySchema, given);
  if (query.model === 'pulse-pro')
    throw new RequestError(
      'model: pulse-pro transcribes recordings only; send them to POST /waves/v1/stt/?model=pulse-pro.',
      { param: 'model' },
    );
  const { engine } = transcription.models.find(query.model);
  return liveSettingsOf(query, { given, languages: engine.capabilities.languages, wordTimestamps: older });
}

async function transcribe(session: SocketSession, settings: LiveSettings, { transcription }: Layers): Promise<void> {
  const sessionId = `ws_${session.id}`;
  const messages = new LiveMessages(sessionId, settings);
  for (const { name, message } of settings.reported) session.sendJson(messages.warning(message, name));
  const { model, endpointing, transcript } = settings;
  const { signal } = session;
  const input = inputOf(session, settings, messages);
  try {
    for await (const event of transcription.live({ input, signal, callId: sessionId, model, endpointing, transcript }))
      for (const message of messages.of(event)) session.sendJson(message);
  } catch (error) {
    if (!signal.aborted) session.sendJson({ type: 'error', session_id: sessionId, ...wavesError(error).body });
    throw error;
  }
}

async function* inputOf(
  session: SocketSession,
  { encoding, rateHz }: LiveSettings,
  messages: LiveMessages,
): AsyncGenerator<LiveInput, void, undefined> {
  const decode = rawDecoder(encoding);
  for await (const message of session.messages) {
    if (typeof message !== 'string') {
      const samples = decode(message);
      session.count({ audioInSeconds: samples.length / rateHz });
      if (samples.length > 0) yield { type: 'audio', frame: { samples, rateHz } };
      continue;
    }
    const control = controlOf(message);
    if (typeof control !== 'string') session.sendJson(messages.warning(control.problem));
    else if (control === 'keepalive') session.sendJson(messages.pong());
    else if (control === 'finalize') yield { type: 'finalize' };
    else {
      messages.close();
      return;
    }
  }
}

/** A message that says nothing is no reason to lose the session. */
function controlOf(text: string): LiveControl | { readonly problem: string } {
  try {
    const parsed = liveControlSchema.safeParse(jsonMessage(text));
    if (parsed.success) return parsed.data.type;
    throw requestError(parsed.error);
  } catch (error) {
    if (!ParleyError.isInstance(error)) throw error;
    return { problem: `A message was left out. ${error.message}` };
  }
}
