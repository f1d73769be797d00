import { durationMs } from '../../../audio/frame.js';
import type { LiveInput } from '../../../platform/layers/transcription/live-events.js';
import { ParleyError } from '../../../ports/errors.js';
import { Feed } from '../../sockets/feed.js';
import type { SocketRoute } from '../../sockets/socket-routes.js';
import type { SocketSession } from '../../sockets/socket-session.js';
import { clientMessage } from '../client-message.js';
import { invalid } from '../deepgram-error.js';
import { channelDecoder, type RawAudio, rawAudioOf } from '../listen/raw-channels.js';
import { modelOf } from '../models.js';
import { type Query, readQuery } from '../query.js';
import { type SocketMeans, socketBasics } from '../sockets.js';
import {
  configureSchema,
  endpointingOf,
  fluxQuerySchema,
  fluxTranscriptOptions,
  type Thresholds,
} from './flux-query.js';
import { FluxTurns } from './flux-turns.js';

type Checked = Query<typeof fluxQuerySchema> & { readonly raw: RawAudio };

/** Transcription by turns at `/v2/listen`, as Flux does it. */
export function fluxSocket(means: SocketMeans): SocketRoute<Checked> {
  return {
    ...socketBasics,
    path: '/v2/listen',
    scope: 'transcribe',
    headers: (id, { ignored }) => socketBasics.headers(id, ignored),
    check(url) {
      const query = readQuery(fluxQuerySchema, url.searchParams);
      const raw = rawAudioOf({ ...query.options, channels: 1, multichannel: false });
      if (!raw)
        throw invalid(
          'encoding: expected linear16, linear32, mulaw or alaw with sample_rate; live audio is taken without a container only.',
        );
      const { eager_eot_threshold: eager, eot_threshold: sure, language_hint: hints } = query.options;
      if (eager !== undefined && eager > sure)
        throw invalid(`eager_eot_threshold: expected at most ${sure}, which is the eot_threshold.`);
      modelOf(means.layers().transcription.models, 'flux', query.options.model);
      return { ...query, ignored: [...query.ignored, ...(hints.length > 0 ? ['language_hint'] : [])], raw };
    },
    onOpen: (session, checked) => new FluxListen(session, checked, means).serve(),
  };
}

class FluxListen {
  readonly #session: SocketSession;
  readonly #checked: Checked;
  readonly #means: SocketMeans;
  readonly #feed = new Feed<LiveInput>();
  readonly #turns: FluxTurns;
  #sequence = 0;

  constructor(session: SocketSession, checked: Checked, means: SocketMeans) {
    this.#session = session;
    this.#checked = checked;
    this.#means = means;
    const { eot_threshold, eager_eot_threshold, eot_timeout_ms } = checked.options;
    this.#turns = new FluxTurns({ eot_threshold, eager_eot_threshold, eot_timeout_ms });
  }

  async serve(): Promise<void> {
    this.#send({ type: 'Connected' });
    const listening = this.#listen();
    try {
      await Promise.race([this.#take(), listening]);
      this.#feed.end();
      await listening;
    } catch (error) {
      // Flux says what is wrong before it closes.
      if (ParleyError.isInstance(error) && error.status < 500 && !this.#session.signal.aborted)
        this.#send({ type: 'Error', code: 'UNPARSABLE_CLIENT_MESSAGE', description: error.message });
      throw error;
    } finally {
      this.#feed.end();
    }
  }

  async #take(): Promise<void> {
    const { raw } = this.#checked;
    const decode = channelDecoder(raw);
    for await (const message of this.#session.messages) {
      if (typeof message !== 'string') {
        const [samples = new Float32Array(0)] = decode(message);
        this.#session.count({ audioInSeconds: durationMs(samples.length, raw.rateHz) / 1_000 });
        await this.#feed.push({ type: 'audio', frame: { samples, rateHz: raw.rateHz } });
        continue;
      }
      const said = clientMessage(message, ['Configure', 'ForceEndTurn', 'CloseStream', 'KeepAlive']);
      if (said.type === 'CloseStream') return;
      if (said.type === 'ForceEndTurn') await this.#feed.push({ type: 'finalize' });
      if (said.type === 'Configure') await this.#configure(said);
    }
  }

  /** Thresholds only: what is listened for was settled at the beginning. */
  async #configure(message: object): Promise<void> {
    const parsed = configureSchema.safeParse(message);
    const next: Thresholds = { ...this.#turns.thresholds, ...defined(parsed.data?.thresholds ?? {}) };
    const { eager_eot_threshold: eager, eot_threshold: sure } = next;
    if (!parsed.success || (eager !== undefined && eager > sure)) {
      this.#send({ type: 'ConfigureFailure' });
      return;
    }
    this.#turns.thresholds = next;
    await this.#feed.push({ type: 'configure', endpointing: endpointingOf(next) });
    const { keyterm } = this.#checked.options;
    this.#send({ type: 'ConfigureSuccess', thresholds: next, keyterms: keyterm });
  }

  async #listen(): Promise<void> {
    const { options } = this.#checked;
    const { transcription } = this.#means.layers();
    const events = transcription.live({
      input: this.#feed,
      signal: this.#session.signal,
      callId: this.#session.id,
      model: modelOf(transcription.models, 'flux', options.model).id,
      endpointing: endpointingOf(this.#turns.thresholds),
      transcript: fluxTranscriptOptions(options),
    });
    for await (const event of events) {
      if (event.type === 'problem') this.#means.onFault(event.error);
      for (const info of this.#turns.infosOf(event)) this.#send({ type: 'TurnInfo', ...info });
    }
  }

  #send({ type, ...rest }: { readonly type: string; readonly [field: string]: unknown }): void {
    this.#session.sendJson({ type, request_id: this.#session.id, sequence_id: this.#sequence, ...rest });
    this.#sequence += 1;
  }
}

function defined<T extends object>(fields: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
