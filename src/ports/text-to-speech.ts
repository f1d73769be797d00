export type TextToSpeech = {
  readonly name: string;
  readonly rateHz: number;
  readonly voices: readonly string[];
  /** By voice, where more is known of it than its name. */
  readonly voiceTraits?: Readonly<Record<string, VoiceTraits>>;
  /** Speaks one clause. Audio comes as it is computed and carries no leading silence. */
  speak(options: SpeakOptions): AsyncIterable<SpeechEvent>;
  close(): Promise<void>;
};

/** What a voice sounds like. */
export type VoiceTraits = {
  /** A language tag (BCP 47). */
  readonly language?: string;
  readonly gender?: 'female' | 'male';
};

export type SpeakOptions = {
  readonly text: string;
  readonly voice: string;
  /** 1 is the voice's own pace; 0.5..2. @defaultValue 1 */
  readonly speed?: number;
  /**
   * Whether more of the same reply follows: decides the pause kept at the end, and the intonation of a clause that ends
   * within a sentence ("Sure,"). @defaultValue false
   */
  readonly continues?: boolean;
  /**
   * What was said right before in the same reply, at least its last few words with their punctuation. Where it ends within
   * a sentence, this clause goes on with its intonation. @defaultValue '' (the beginning of a reply)
   */
  readonly after?: string;
  /** The first clause of a reply is what the caller waits for. @defaultValue 'first' */
  readonly urgency?: 'first' | 'later';
  readonly signal: AbortSignal;
};

/** When a word is heard, relative to the first sample of the audio it came with. */
export type SpokenWord = { readonly text: string; readonly startMs: number; readonly endMs: number };

export type SpeechEvent =
  | {
      readonly type: 'audio';
      readonly samples: Float32Array;
      readonly rateHz: number;
      readonly words: readonly SpokenWord[];
    }
  | {
      readonly type: 'finish';
      readonly computeMs: number;
      /** Part or all of it is by another engine than the one that was asked, a word at the seam perhaps twice: not to be kept. */
      readonly standIn?: true;
    };
