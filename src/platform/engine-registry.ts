import type { FallbackEvent } from '../engines/fallback/engine-chain.js';
import { FallbackLanguageModel } from '../engines/fallback/language-model.js';
import { FallbackSpeechToText } from '../engines/fallback/speech-to-text.js';
import { FallbackTextToSpeech } from '../engines/fallback/text-to-speech.js';
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import type { LanguageModel } from '../ports/language-model.js';
import type { SpeechToSpeech } from '../ports/speech-to-speech.js';
import type { SpeechToText } from '../ports/speech-to-text.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';

/** An engine by its name, `provider/model` or `local`; made when it is first asked for. */
export type EngineEntry =
  | { readonly task: 'chat'; readonly name: string; readonly make: () => LanguageModel }
  | { readonly task: 'transcribe'; readonly name: string; readonly make: () => SpeechToText }
  | { readonly task: 'speak'; readonly name: string; readonly make: () => TextToSpeech }
  | { readonly task: 'converse'; readonly name: string; readonly make: () => SpeechToSpeech };

type Task = EngineEntry['task'];
type Made<Of extends Task> = ReturnType<Extract<EngineEntry, { task: Of }>['make']>;

export type EngineRegistryOptions = {
  readonly entries: readonly EngineEntry[];
  /** Names in order of preference, for whoever names none. */
  readonly usual: {
    readonly chat: readonly string[];
    readonly transcribe: readonly string[];
    readonly speak: readonly string[];
  };
  readonly clock: Clock;
  readonly onFallback?: (event: FallbackEvent) => void;
};

/** All engines that a request may name, and those that are used where it names none. */
export class EngineRegistry {
  readonly #options: EngineRegistryOptions;
  readonly #made = new Map<EngineEntry, unknown>();
  #languageModel: LanguageModel | undefined;
  #speechToText: SpeechToText | undefined;
  #textToSpeech: TextToSpeech | undefined;

  constructor(options: EngineRegistryOptions) {
    this.#options = options;
  }

  /** What can be named. */
  list(): readonly { readonly name: string; readonly task: Task }[] {
    return this.#options.entries.map(({ name, task }) => ({ name, task }));
  }

  /** @throws ParleyError `models.unknown` (404), with the names that there are */
  languageModel(name?: string): LanguageModel {
    if (name !== undefined) return this.#named('chat', name);
    this.#languageModel ??= this.#usual('chat', (options) => new FallbackLanguageModel(options));
    return this.#languageModel;
  }

  /** @throws as `languageModel` */
  speechToText(name?: string): SpeechToText {
    if (name !== undefined) return this.#named('transcribe', name);
    this.#speechToText ??= this.#usual('transcribe', (options) => new FallbackSpeechToText(options));
    return this.#speechToText;
  }

  /** @throws as `languageModel` */
  textToSpeech(name?: string): TextToSpeech {
    if (name !== undefined) return this.#named('speak', name);
    this.#textToSpeech ??= this.#usual('speak', (options) => new FallbackTextToSpeech(options));
    return this.#textToSpeech;
  }

  /** @throws as `languageModel` */
  speechToSpeech(name: string): SpeechToSpeech {
    return this.#named('converse', name);
  }

  #usual<Of extends 'chat' | 'transcribe' | 'speak'>(
    task: Of,
    chain: (options: {
      readonly engines: readonly [Made<Of>, ...Made<Of>[]];
      readonly clock: Clock;
      readonly onFallback: ((event: FallbackEvent) => void) | undefined;
    }) => Made<Of>,
  ): Made<Of> {
    const { usual, clock, onFallback } = this.#options;
    const [first, ...others] = usual[task].map((name) => this.#named(task, name));
    if (!first) throw new ParleyError(`No engine is named for ${task}.`, { code: 'models.unknown', status: 404 });
    return others.length === 0 ? first : chain({ engines: [first, ...others], clock, onFallback });
  }

  #named<Of extends Task>(task: Of, name: string): Made<Of> {
    const entries = this.#options.entries.filter((entry) => entry.task === task);
    const entry = entries.find((each) => each.name === name);
    if (!entry)
      throw new ParleyError(
        `There is no model "${name}" for ${task}; there ${entries.length === 1 ? 'is' : 'are'}: ${entries.map((each) => each.name).join(', ') || 'none'}.`,
        { code: 'models.unknown', status: 404 },
      );
    const made = (this.#made.get(entry) ?? entry.make()) as Made<Of>;
    this.#made.set(entry, made);
    return made;
  }
}
