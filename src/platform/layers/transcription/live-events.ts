import type { AudioFrame } from '../../../audio/frame.js';
import type { EndpointingSettings } from '../../../conversation/turn/settings.js';
import type { SpeechToTextEvent, TranscribedWord } from '../../../ports/speech-to-text.js';
import type { TranscriptOptions } from './options.js';

/** What a live transcription is given, in order. It ends with the iterable: what is open then is finished. */
export type LiveInput =
  /** Any rate; it may change. A long frame is as good as many short ones. */
  | { readonly type: 'audio'; readonly frame: AudioFrame }
  /** The open utterance ends here, if there is one; `finalized` with this mark follows. */
  | { readonly type: 'finalize'; readonly mark?: string }
  | { readonly type: 'configure'; readonly endpointing: Endpointing };

/** When an utterance is over. */
export type Endpointing =
  /** After this much silence. */
  | { readonly type: 'silence'; readonly silenceMs: number }
  /** When it sounds and reads finished, as in a call; what is absent is as in a call. */
  | ({ readonly type: 'turn' } & Partial<EndpointingSettings>)
  /** Only with `finalize`, with `maxUtteranceMs`, and at the end. */
  | { readonly type: 'manual' };

export type LiveOptions = {
  readonly input: AsyncIterable<LiveInput>;
  readonly signal: AbortSignal;
  /** For logs. */
  readonly callId: string;
  /** @defaultValue the first model */
  readonly model?: string | undefined;
  /** @defaultValue as in a call */
  readonly endpointing?: Endpointing | undefined;
  /** An utterance that has grown this long ends at its next pause, or when it is twice as long. @defaultValue 30000 */
  readonly maxUtteranceMs?: number | undefined;
  /** After this much without a word an `utterance-end` is told, once. @defaultValue never */
  readonly utteranceEndMs?: number | undefined;
  readonly transcript?: TranscriptOptions | undefined;
};

/** Why an utterance has ended. `length`: the speaker goes on, and another one follows at once. */
export type UtteranceEnding = 'endpoint' | 'finalize' | 'length' | 'close';

/**
 * What happens in the audio. All times are positions in it, in milliseconds since its first sample. Utterances count from
 * 1 and follow one another; each has one `speech-started` and ends with a `final` or with `dropped`.
 *
 * Where something is to be redacted, words that what follows may make a part of it are in no `partial` and no
 * `end-suspected`, and no `correction` is told. A number at the edge of an utterance that may be a part of a longer one is
 * `[NUMBER]`.
 */
export type LiveEvent =
  | { readonly type: 'speech-started'; readonly utterance: number; readonly atMs: number }
  /**
   * Words so far. The first `stableWords` stay as they are, but for what a `correction` says. `startMs` is where the
   * utterance begins, `atMs` how far the words reach.
   */
  | {
      readonly type: 'partial';
      readonly utterance: number;
      readonly text: string;
      readonly stableWords: number;
      readonly startMs: number;
      readonly atMs: number;
    }
  /** As in the port: a word that was called stable is another. */
  | Extract<SpeechToTextEvent, { type: 'correction' }>
  /** Speech has stopped at `atMs`, for a pause or for good. `revision` counts the pauses of an utterance. */
  | { readonly type: 'speech-paused'; readonly utterance: number; readonly revision: number; readonly atMs: number }
  /**
   * The words of a pause are known. They become final as they are when it lasts for `waitMs`; `probability` is how
   * likely the turn sounds complete, absent where nobody asks for that. May be told again when more is known.
   */
  | {
      readonly type: 'end-suspected';
      readonly utterance: number;
      readonly revision: number;
      readonly text: string;
      readonly words: readonly TranscribedWord[];
      readonly startMs: number;
      readonly speechEndMs: number;
      readonly probability: number | undefined;
      readonly waitMs: number;
      readonly because: string;
    }
  /** Speech goes on: the suspected end was none. */
  | { readonly type: 'speech-resumed'; readonly utterance: number; readonly revision: number; readonly atMs: number }
  | {
      readonly type: 'final';
      readonly utterance: number;
      readonly text: string;
      readonly words: readonly TranscribedWord[];
      /** Of the utterance, which begins before its first word and ends behind its last. */
      readonly startMs: number;
      readonly endMs: number;
      readonly speechEndMs: number;
      /** The last answer about it, where it was asked. */
      readonly probability: number | undefined;
      readonly ending: UtteranceEnding;
      readonly because: string;
    }
  /** The sound was no speech. */
  | { readonly type: 'dropped'; readonly utterance: number; readonly atMs: number }
  | { readonly type: 'utterance-end'; readonly lastWordEndMs: number }
  /** All audio before a `finalize` has been dealt with. */
  | { readonly type: 'finalized'; readonly mark: string | undefined; readonly atMs: number }
  /** Something did not work and was done without. */
  | { readonly type: 'problem'; readonly error: Error }
  | { readonly type: 'finish'; readonly audioMs: number };
