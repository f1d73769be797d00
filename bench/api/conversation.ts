import type { HeardAudio } from './heard-audio.js';

/** A turn of the caller and its answer, as a client of an API type meets it. */
export type Turn = {
  /** What of the answer has come. */
  readonly heard: HeardAudio;
  /** When the caller has stopped speaking, on the clock of `performance.now()`. */
  readonly endMs: number;
  /** Moments on the way, on the same clock, and durations as the server gives them. */
  readonly marks: Map<string, number>;
  /** The answer is complete; part of it may have to be played yet. */
  readonly answered: () => void;
};

/** A conversation that is open: audio of the caller goes in all the time, and answers come out turn by turn. */
export type Conversation = {
  /** @param audio base64 of PCM16, mono, 24 kHz */
  send(audio: string): void;
  /** The turn that is being spoken from now on. */
  begin(turn: Turn): void;
  close(): Promise<void>;
};

/** One way of having a conversation with this server. */
export type ApiType = {
  readonly name: string;
  /** @param host of the server, with its port. @throws Error when it does not come about */
  readonly open: (host: string) => Promise<Conversation>;
};
