import { toneBase64 } from './tone.js';

/** A socket of the server, as far as one has to know it to treat it badly. */
export type ServedSocket = {
  readonly path: string;
  /** What a client says first. */
  readonly begin: readonly object[];
  /** A message that is right, and that the server answers each time it comes. */
  readonly answered: object;
  /** A message with audio or a long text in it; bytes are sent as binary. */
  readonly large: object | Uint8Array;
  /** What is due at any time: what is of the other kind is an error. */
  readonly due: 'text' | 'text and binary';
};

const item = { type: 'conversation.item.retrieve', item_id: 'nothing' };
const audio = { type: 'input_audio_buffer.append', audio: toneBase64(0, 5_000) };

/** Every socket that is served. */
export const servedSockets: readonly ServedSocket[] = [
  {
    path: '/v1/realtime?model=parley',
    begin: [{ type: 'session.update', session: { type: 'realtime', parley: { greeting: false } } }],
    answered: item,
    large: audio,
    due: 'text',
  },
  {
    path: '/v1/realtime?intent=transcription',
    begin: [{ type: 'session.update', session: { type: 'transcription' } }],
    answered: item,
    large: audio,
    due: 'text',
  },
  {
    path: '/v1/listen?encoding=linear16&sample_rate=16000',
    begin: [],
    answered: { type: 'Finalize' },
    large: Buffer.alloc(160_000),
    due: 'text and binary',
  },
  {
    path: '/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000',
    begin: [],
    answered: { type: 'Configure' },
    large: Buffer.alloc(160_000),
    due: 'text and binary',
  },
  {
    path: '/v1/speak?encoding=linear16',
    begin: [],
    answered: { type: 'Flush' },
    large: { type: 'Speak', text: 'one more word '.repeat(250) },
    due: 'text',
  },
  {
    path: '/waves/v1/s2s?model=hydra',
    begin: [{ type: 'session.configure', session: { generate_initial_response: false } }],
    answered: item,
    large: { ...audio, audio: toneBase64(0, 5_000) },
    due: 'text',
  },
  {
    path: '/waves/v1/pulse/get_text',
    begin: [],
    answered: { type: 'finalize' },
    large: Buffer.alloc(160_000),
    due: 'text and binary',
  },
  {
    path: '/waves/v1/tts/live',
    begin: [],
    answered: { text: 'hello', voice_id: 'heart', flush: true },
    large: { text: 'one more word '.repeat(250), voice_id: 'heart' },
    due: 'text',
  },
];
