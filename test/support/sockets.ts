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
];
