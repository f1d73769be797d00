import type { FallbackEvent } from '../engines/fallback/engine-chain.js';
import { FallbackLanguageModel } from '../engines/fallback/language-model.js';
import { FallbackSpeechToText } from '../engines/fallback/speech-to-text.js';
import { FallbackTextToSpeech } from '../engines/fallback/text-to-speech.js';
import type { Clock } from '../ports/clock.js';
import type { LanguageModel } from '../ports/language-model.js';
import type { SpeechToSpeech } from '../ports/speech-to-speech.js';
import type { SpeechToText } from '../ports/speech-to-text.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';
import { EngineTable, type NamedEngine } from './layers/engine-table.js';

type Engines = {
  readonly chat: LanguageModel;
  readonly transcribe: SpeechToText;
  readonly speak: TextToSpeech;
  readonly converse: SpeechToSpeech;
};
type Task = keyof Engines;
type ChainedTask = Exclude<Task, 'converse'>;

/** An engine by its names; made when it is first used. */
export type EngineEntry = {
  readonly [Of in Task]: {
    readonly task: Of;
    /** `provider/model`, or its own. */
    readonly name: string;
    /** Other names of it in settings. @defaultValue none */
    readonly aliases?: readonly string[];
    readonly make: () => Engines[Of];
  };
}[Task];

export type EngineRegistryOptions = {
  readonly entries: readonly EngineEntry[];
  /** Names in order of preference, for whoever names none. */
  readonly usual: Readonly<Record<ChainedTask, readonly string[]>>;
  /** Names of other products that mean what is usual here. */
  readonly aliases: Readonly<Record<ChainedTask, readonly string[]>>;
  readonly clock: Clock;
  readonly onFallback?: (event: FallbackEvent) => void;
};

/** What answers whoever names none where several are usual: one after the other. */
const chainName = 'usual';

/** All engines that a request may name, and those that are used where it names none: the one place where engines have names. */
export class EngineRegistry {
  readonly chat: EngineTable<LanguageModel>;
  readonly transcription: EngineTable<SpeechToText>;
  readonly speech: EngineTable<TextToSpeech>;
  readonly conversation: EngineTable<SpeechToSpeech>;

  /** @throws ParleyError `model.unknown` (404) where what is usual is none of the entries */
  constructor(options: EngineRegistryOptions) {
    this.chat = table('chat', 'chat', options, (chain) => new FallbackLanguageModel(chain));
    this.transcription = table('transcription', 'transcribe', options, (chain) => new FallbackSpeechToText(chain));
    this.speech = table('speech', 'speak', options, (chain) => new FallbackTextToSpeech(chain));
    this.conversation = new EngineTable('speech to speech', entriesOf('converse', options));
  }

  /** @throws ParleyError `model.unknown` (404), with the names that there are */
  languageModel(name?: string): LanguageModel {
    return this.chat.find(name).engine;
  }

  /** @throws as `languageModel` */
  speechToText(name?: string): SpeechToText {
    return this.transcription.find(name).engine;
  }

  /** @throws as `languageModel` */
  textToSpeech(name?: string): TextToSpeech {
    return this.speech.find(name).engine;
  }

  /** @throws as `languageModel` */
  speechToSpeech(name: string): SpeechToSpeech {
    return this.conversation.find(name).engine;
  }
}

type Chain<E> = {
  readonly engines: readonly [E, ...E[]];
  readonly clock: Clock;
  readonly onFallback: ((event: FallbackEvent) => void) | undefined;
};

/** What is usual comes first and answers to the names of other products. */
function table<Of extends ChainedTask>(
  job: string,
  task: Of,
  options: EngineRegistryOptions,
  chained: (chain: Chain<Engines[Of]>) => Engines[Of],
): EngineTable<Engines[Of]> {
  const { aliases, usual, clock, onFallback } = options;
  const entries = entriesOf(task, options);
  const named = new EngineTable(job, entries);
  const [first, ...others] = usual[task].map((name) => named.find(name));
  if (!first) return named;
  if (others.length === 0) {
    const rest = entries.filter((entry) => entry !== first);
    const names = [...first.aliases, ...aliases[task]];
    return new EngineTable(job, [lazily(first.id, first.ownedBy, names, () => first.engine), ...rest]);
  }
  const chain = (): Engines[Of] =>
    chained({ engines: [first.engine, ...others.map(({ engine }) => engine)], clock, onFallback });
  return new EngineTable(job, [lazily(chainName, 'parley', aliases[task], chain), ...entries]);
}

function entriesOf<Of extends Task>(task: Of, { entries }: EngineRegistryOptions): NamedEngine<Engines[Of]>[] {
  const isOfTask = (entry: EngineEntry): entry is Extract<EngineEntry, { task: Of }> => entry.task === task;
  return entries.filter(isOfTask).map((entry) => {
    const [provider = '', model] = entry.name.split('/');
    const make = entry.make as () => Engines[Of];
    return lazily(entry.name, model === undefined ? 'parley' : provider, entry.aliases ?? [], make);
  });
}

function lazily<E>(id: string, ownedBy: string, aliases: readonly string[], make: () => E): NamedEngine<E> {
  let made: { readonly engine: E } | undefined;
  return {
    id,
    ownedBy,
    aliases,
    get engine() {
      made ??= { engine: make() };
      return made.engine;
    },
  };
}
