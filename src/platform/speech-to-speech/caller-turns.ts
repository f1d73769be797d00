import type { SessionEvent } from '../../conversation/session-events.js';
import type { SpeechToSpeechEvent } from '../../ports/speech-to-speech.js';

type Of<T extends SpeechToSpeechEvent['type']> = Extract<SpeechToSpeechEvent, { type: T }>;

/** A turn of the caller, as the model finds it. */
export type CallerTurn = {
  readonly turn: number;
  /** Where it ended in the caller's audio; undefined while it goes on. */
  endMs: number | undefined;
  /** The model's name of it, once it has told words. */
  id: string | undefined;
  committed: boolean;
  answered: boolean;
  /** As the model has told it, and whether that is all of it. */
  text: string;
  final: boolean;
};

/** The last ones: words of a turn may come when the next has begun. */
const keptTurns = 16;

/** The caller's turns of a call that a model holds, told as those of any other. */
export class CallerTurns {
  readonly #tell: (event: SessionEvent) => void;
  readonly #turns: CallerTurn[] = [];
  #count = 0;

  constructor(tell: (event: SessionEvent) => void) {
    this.#tell = tell;
  }

  started({ atMs }: Of<'speech-started'>): void {
    const before = this.#turns.at(-1);
    if (before) this.#commit(before, undefined);
    this.#count += 1;
    const turn = this.#count;
    this.#turns.push({
      turn,
      endMs: undefined,
      id: undefined,
      committed: false,
      answered: false,
      text: '',
      final: false,
    });
    if (this.#turns.length > keptTurns) this.#turns.shift();
    this.#tell({ type: 'speech-started', turn, startMs: atMs });
  }

  stopped({ atMs }: Of<'speech-stopped'>): void {
    const turn = this.#turns.at(-1);
    if (!turn) return;
    turn.endMs = atMs;
    this.#tell({ type: 'speech-paused', turn: turn.turn, endMs: atMs });
  }

  /** Words may come after the reply to them has begun. */
  said({ turn: id, text, final }: Of<'caller-text'>): void {
    const turn = this.#turns.find((each) => each.id === id) ?? this.#turns.find((each) => each.id === undefined);
    if (!turn) return;
    turn.id = id;
    turn.text = text;
    turn.final ||= final;
    if (!final) {
      if (text !== '' && !turn.committed) this.#tell({ type: 'partial', turn: turn.turn, text, stableWords: 0 });
    } else if (turn.committed) {
      if (text !== '') this.#tell({ type: 'turn-transcribed', turn: turn.turn, text });
    } else if (turn.endMs !== undefined) this.#commit(turn, undefined);
  }

  /** @returns the turn that a reply which begins now answers; undefined where nobody has spoken since the last one */
  answeredBy(reply: number): CallerTurn | undefined {
    const last = this.#turns.at(-1);
    if (last?.endMs === undefined || last.answered) return undefined;
    last.answered = true;
    this.#commit(last, reply);
    return last;
  }

  #commit(turn: CallerTurn, reply: number | undefined): void {
    if (turn.committed) return;
    turn.committed = true;
    // Words that may be revised follow when they are all there.
    const text = turn.final ? turn.text : '';
    this.#tell({ type: 'turn-committed', turn: turn.turn, text, endMs: turn.endMs ?? 0, reply });
  }
}
