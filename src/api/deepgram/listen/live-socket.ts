import { createHash } from 'node:crypto';
import { durationMs } from '../../../audio/frame.js';
import type { Layers } from '../../../platform/layers/layers.js';
import type { LiveInput } from '../../../platform/layers/transcription/live-events.js';
import { Feed } from '../../sockets/feed.js';
import type { SocketRoute } from '../../sockets/socket-routes.js';
import type { SocketSession } from '../../sockets/socket-session.js';
import { clientMessage } from '../client-message.js';
import { invalid } from '../deepgram-error.js';
import { modelInfo, modelOf, modelUuid } from '../models.js';
import { type Query, readQuery } from '../query.js';
import { listeningBasics, type SocketMeans, socketBasics } from '../sockets.js';
import { warningsOf } from '../warnings.js';
import { ChannelResults } from './channel-results.js';
import {
  extraOf,
  ignoredKeywords,
  type LiveListenOptions,
  liveQuerySchema,
  transcriptOptionsOf,
} from './listen-query.js';
import { channelDecoder, type RawAudio, rawAudioOf } from './raw-channels.js';

/** Final results come at least this often, at a pause; a speaker who makes none is cut at twice as much. */
const maxUtteranceMs = 10_000;
/** Each is a transcription of its own. */
const maxChannelsApart = 2;

type Checked = Query<typeof liveQuerySchema> & { readonly raw: RawAudio };

/** Live transcription at `/v1/listen`. */
export function liveListenSocket(means: SocketMeans): SocketRoute<Checked> {
  return {
    ...listeningBasics,
    path: '/v1/listen',
    scope: 'transcribe',
    headers: (id, { ignored }) => socketBasics.headers(id, ignored),
    check(url) {
      const query = readQuery(liveQuerySchema, url.searchParams);
      const raw = rawAudioOf(query.options);
      if (!raw)
        throw invalid(
          'encoding: expected linear16, linear32, mulaw or alaw with sample_rate; live audio is taken without a container only.',
        );
      if (raw.apart && raw.channels > maxChannelsApart)
        throw invalid(`channels: expected at most ${maxChannelsApart} with multichannel.`);
      modelOf(means.layers().transcription.models, 'listen', query.options.model);
      return { ...query, ignored: [...query.ignored, ...ignoredKeywords(query.options)], raw };
    },
    onOpen: (session, checked) => new LiveListen(session, checked, means).serve(),
  };
}

class LiveListen {
  readonly #session: SocketSession;
  readonly #options: LiveListenOptions;
  readonly #ignored: readonly string[];
  readonly #raw: RawAudio;
  readonly #layers: Layers;
  readonly #onFault: (error: unknown) => void;
  readonly #feeds: readonly Feed<LiveInput>[];
  readonly #hash = createHash('sha256');
  readonly #created = new Date().toISOString();
  #audioMs = 0;

  constructor(session: SocketSession, { options, ignored, raw }: Checked, { layers, onFault }: SocketMeans) {
    this.#session = session;
    this.#options = options;
    this.#ignored = ignored;
    this.#raw = raw;
    this.#layers = layers();
    this.#onFault = onFault;
    this.#feeds = Array.from({ length: raw.apart ? raw.channels : 1 }, () => new Feed<LiveInput>());
  }

  async serve(): Promise<void> {
    const listening = Promise.all(this.#feeds.map((feed, channel) => this.#listen(feed, channel)));
    try {
      await Promise.race([this.#take(), listening]);
      for (const feed of this.#feeds) feed.end();
      await listening;
    } finally {
      for (const feed of this.#feeds) feed.end();
    }
    this.#session.sendJson(this.#metadata());
  }

  /** Until the client says that nothing more comes. */
  async #take(): Promise<void> {
    const decode = channelDecoder(this.#raw);
    for await (const message of this.#session.messages) {
      if (typeof message !== 'string') {
        // Older clients say so with a message without anything in it.
        if (message.length === 0) return;
        await this.#hear(message, decode(message));
        continue;
      }
      const said = clientMessage(message, ['KeepAlive', 'Finalize', 'CloseStream']);
      if (said.type === 'CloseStream') return;
      if (said.type === 'Finalize') await this.#push(() => ({ type: 'finalize' }), said.channel);
    }
  }

  async #hear(bytes: Buffer, channels: readonly Float32Array[]): Promise<void> {
    const { rateHz } = this.#raw;
    this.#hash.update(bytes);
    const audioMs = durationMs(channels[0]?.length ?? 0, rateHz);
    this.#audioMs += audioMs;
    this.#session.count({ audioInSeconds: (audioMs * channels.length) / 1_000 });
    await this.#push((channel) => ({
      type: 'audio',
      frame: { samples: channels[channel] ?? new Float32Array(0), rateHz },
    }));
  }

  async #push(input: (channel: number) => LiveInput, only?: unknown): Promise<void> {
    await Promise.all(
      this.#feeds.map((feed, channel) =>
        only === undefined || only === channel ? feed.push(input(channel)) : undefined,
      ),
    );
  }

  async #listen(feed: Feed<LiveInput>, channel: number): Promise<void> {
    const { model, endpointing, utterance_end_ms: utteranceEndMs, interim_results, vad_events } = this.#options;
    const { transcription } = this.#layers;
    const found = modelOf(transcription.models, 'listen', model);
    const transcript = transcriptOptionsOf(this.#options);
    const results = new ChannelResults({
      channel: [channel, this.#feeds.length],
      interimResults: interim_results,
      vadEvents: vad_events,
      written: transcript.punctuation ?? false,
      metadata: {
        request_id: this.#session.id,
        model_info: modelInfo(found),
        model_uuid: modelUuid(found.id),
      },
    });
    const events = transcription.live({
      input: feed,
      signal: this.#session.signal,
      callId: this.#session.id,
      model: found.id,
      endpointing: endpointing === null ? { type: 'manual' } : { type: 'silence', silenceMs: endpointing },
      maxUtteranceMs,
      utteranceEndMs,
      transcript,
    });
    for await (const event of events) {
      if (event.type === 'problem') this.#onFault(event.error);
      for (const message of results.messagesOf(event)) this.#session.sendJson(message);
    }
  }

  #metadata(): object {
    return {
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: this.#session.id,
      sha256: this.#hash.digest('hex'),
      created: this.#created,
      duration: Math.round(this.#audioMs) / 1_000,
      channels: this.#raw.channels,
      ...warningsOf(this.#ignored),
      ...extraOf(this.#options.extra),
    };
  }
}
