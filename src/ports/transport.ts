import type { AudioFrame } from '../audio/frame.js';

/** How a call's audio gets in and out. Media only: what the call is about is decided elsewhere. */
export type Transport = {
  /** Audio and what else arrives from the far end; ends when the far end is gone. */
  readonly input: AsyncIterable<TransportInput>;
  readonly outputRateHz: number;
  readonly playout: Playout;
  /** Hands over audio that is due now. Never blocks; a reader too slow for its bound closes the transport. */
  send(frame: AudioFrame, tag: AudioTag): void;
  /** Ends the call from our side. Idempotent. */
  hangUp(reason: string): void;
};

export type TransportInput =
  | { readonly type: 'audio'; readonly frame: AudioFrame }
  /** Comes back in its place among the audio: what was sent before it has been judged when `reached` is called. */
  | { readonly type: 'barrier'; readonly reached: () => void }
  /** A key of a telephone, see {@link isKey}. */
  | { readonly type: 'dtmf'; readonly digit: string }
  /**
   * The far end has played this much of a reply. Only with `ack: 'marks'`; may come late, twice or not at all. `last`: the
   * rest of the reply was dropped and will not be played.
   */
  | { readonly type: 'played'; readonly reply: number; readonly playedMs: number; readonly last?: boolean }
  | { readonly type: 'closed'; readonly reason: string };

/** Which reply a piece of outgoing audio belongs to. */
export type AudioTag = { readonly reply: number };

export type Playout = {
  /** What the far end tells us about what it has played. */
  readonly ack: 'marks' | 'client' | 'none';
  /** How far ahead of real time audio may be sent. */
  readonly leadMs: number;
  /**
   * What lies between the caller's ear and us on an idle network, as far as it is known: audio that is due now is heard
   * together with caller audio that arrives this much later. Only marks and recordings use it.
   */
  readonly latencyMs: number;
  /** Asks the far end to drop what it has not played yet. */
  clear(): void;
};

/** Whether this is one of the sixteen keys of DTMF (ITU-T Q.23). */
export function isKey(digit: string): boolean {
  return /^[0-9*#A-D]$/.test(digit);
}
