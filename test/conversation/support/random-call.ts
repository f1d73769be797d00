import { isDeepStrictEqual } from 'node:util';
import { durationMs } from '../../../src/audio/frame.js';
import { tellCall } from '../../../src/conversation/explain/call-story.js';
import { openerSpeed } from '../../../src/conversation/phrases.js';
import { parseEventLog } from '../../../src/conversation/read-event-log.js';
import { openerTexts } from '../../../src/conversation/think/openers.js';
import { defaultDraftingSettings } from '../../../src/conversation/turn/draft-budget.js';
import type { TurnCommand } from '../../../src/conversation/turn/events.js';
import { reduceTurn } from '../../../src/conversation/turn/machine.js';
import { initialTurnState, type TurnState } from '../../../src/conversation/turn/state.js';
import type { Step } from '../../../src/conversation/turn/step.js';
import { Disorder, type ResultKind, type Treatment } from '../../../src/testing/disorder.js';
import { decodeTones } from '../../../src/testing/tone-decoder.js';
import { toneGapMs, toneWordMs } from '../../../src/testing/tone-words.js';
import { CallRig, type CallRigOptions, wordsOf } from './call-rig.js';

/** Who is at the other end, and how it tells what it has played. */
export type Client =
  /** Plays what it gets and tells nothing. */
  | 'plain'
  /** Tells how far it was when a reply was stopped. */
  | 'truncates'
  /** Tells of each frame that it has played. */
  | 'marks';

export type World = {
  readonly client: Client;
  readonly networkMs: number;
  readonly greet: boolean;
  readonly openers: boolean;
  /** Whether drafts have to wait when too few of them are used. */
  readonly budget: boolean;
  /** Every so many answers one has no word; 0 for none. */
  readonly emptyEvery: number;
  /** How sure the end-of-turn model is that the caller has finished, answer by answer. */
  readonly sure: readonly number[];
};

export type CallStep =
  | { readonly do: 'say'; readonly words: number }
  /** A sound that holds no word. */
  | { readonly do: 'noise'; readonly ms: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** The caller writes something, and is answered where nobody is being answered. */
  | { readonly do: 'write' }
  /** The caller's audio does not arrive for a while. */
  | { readonly do: 'stall'; readonly ms: number }
  | { readonly do: 'commit' | 'clear' | 'respond' | 'cancel' }
  | { readonly do: 'wind-down' | 'hang-up' }
  | { readonly do: 'disorder'; readonly of: ResultKind; readonly treatment: Treatment };

/** What was found wrong with a call. Each list holds one sentence for each case. */
export type Findings = {
  readonly turns: number;
  readonly replies: number;
  readonly missed: readonly string[];
  readonly stuck: readonly string[];
  readonly lowered: readonly string[];
  readonly overlapping: readonly string[];
  readonly stale: readonly string[];
  readonly history: readonly string[];
  readonly written: readonly string[];
};

const filler = 'um hang on';
const fillerWords = new Set(filler.split(' '));
const openerWords = new Set(
  Object.values(openerTexts).flatMap((texts) => texts.flatMap((text) => wordsOf(text).split(' '))),
);
const maxSilenceMs = 2_500;
/** Audio leaves in frames, and a word of tones fades in. */
const slackMs = 60;
/** A word of tones is at -13.5 dB; lowered, it is 14 dB below. */
const loweredDb = -18;
/** Whether an overlap is more than that is known this long after it. */
const decidedWithinMs = 700;
/** Two engines that hang one after the other, what bridges the wait, and an apology. */
const settledWithinMs = 40_000;

const syllables = ['ba', 'de', 'fi', 'go', 'ku', 'la', 'me', 'ni', 'po', 'ru', 'sa', 'te'];
const agentWords = syllables.flatMap((first) => syllables.map((second) => first + second));
const callerWords = syllables.map((syllable) => `${syllable}x`);

/** One call of a caller and engines that keep to no rules, and a judge of what came of it. */
export class RandomCall {
  readonly rig: CallRig;
  readonly world: World;
  readonly #stuck: string[] = [];
  readonly #voiced: { fromMs: number; untilMs: number }[] = [];
  readonly #wrote: string[] = [];
  #said = 0;
  #lateTimerMs = 0;
  #ackLost = false;
  #lateAckMs = 0;
  #lateWindows = false;
  #cancelled: number[] = [];
  #flushed = new Set<number>();

  private constructor(rig: CallRig, world: World) {
    this.rig = rig;
    this.world = world;
  }

  static async open(world: World, more: CallRigOptions = {}): Promise<RandomCall> {
    const { client, networkMs, greet, openers, budget, emptyEvery, sure } = world;
    let answers = 0;
    const rig = await CallRig.open({
      greet,
      openers,
      reply: () => {
        const number = answers++;
        return emptyEvery > 0 && number % emptyEvery === 1 ? '' : answer(number);
      },
      ...(budget ? { settings: { drafting: defaultDraftingSettings } } : {}),
      endOfTurn: { probability: sure },
      // Each partial of a long turn is worked out from all of its audio.
      stt: { partialEveryMs: 800 },
      transport: {
        frameMs: 32,
        networkMs,
        ack: client === 'marks' ? 'marks' : client === 'truncates' ? 'client' : 'none',
        leadMs: client === 'marks' ? 160 : 80,
      },
      phrases: { filler },
      disorder: (clock) => new Disorder(clock),
      ...more,
    });
    rig.transport.connect();
    await rig.clock.settle();
    return new RandomCall(rig, world);
  }

  get disorder(): Disorder {
    if (!this.rig.disorder) throw new Error('the call has no disorder');
    return this.rig.disorder;
  }

  async do(step: CallStep): Promise<void> {
    const { clock, session, transport } = this.rig;
    switch (step.do) {
      case 'say':
        this.#speak(this.rig.callerSpeech(this.#words(step.words)));
        break;
      case 'noise':
        this.#speak(noise(step.ms));
        break;
      case 'wait':
        await this.#wait(step.ms);
        break;
      case 'write':
        this.#write();
        break;
      case 'stall':
        transport.stall(step.ms);
        break;
      case 'commit':
        session.controls.commitInput();
        break;
      case 'clear':
        session.controls.clearInput();
        break;
      case 'respond':
        session.controls.respond();
        break;
      case 'cancel':
        this.#cancelled.push(clock.nowMs());
        session.controls.cancelReply();
        break;
      case 'wind-down':
        session.windDown('the test winds down');
        break;
      case 'hang-up':
        session.controls.hangUp('the client hangs up');
        break;
      case 'disorder':
        if (step.of === 'timer' && step.treatment.how === 'late') this.#lateTimerMs += step.treatment.ms;
        if (step.of === 'window') this.#lateWindows = true;
        if (step.of === 'acknowledgement') this.#disorderAcks(step.treatment);
        this.disorder.plan(step.of, step.treatment);
    }
    await clock.settle();
  }

  /** The engines behave from now on: the call must come to rest, and carry one more turn. */
  async settle(): Promise<void> {
    const { rig } = this;
    this.disorder.calm();
    await this.#wait(settledWithinMs);
    // A goodbye that has just begun is heard out.
    if (this.state().ending !== undefined) await this.#wait(settledWithinMs);
    const { listening, agent, ending, ended } = this.state();
    if (ended) return;
    if (ending !== undefined) this.#stuck.push(`the call does not end, for "${ending}"`);
    if (listening.phase !== 'quiet') this.#stuck.push(`the caller's side is left in ${listening.phase}`);
    if (agent.phase !== 'silent') this.#stuck.push(`the agent is left ${agent.phase}, ${JSON.stringify(agent)}`);
    const committed = rig.of('turn-committed').length;
    const fromMs = rig.clock.nowMs();
    await this.do({ do: 'say', words: 2 });
    await this.#wait(8_000);
    if (this.state().ended) return;
    if (rig.of('turn-committed').length <= committed) this.#stuck.push('a turn in the end was not taken');
    const heard = this.#heardSince(fromMs);
    // Where the model has nothing to say, the caller is asked again.
    if (!heard.some((word) => this.world.emptyEvery > 0 || agentWords.includes(word.text)))
      this.#stuck.push('a turn in the end was not answered');
  }

  /** The caller hangs up. Throws when something is left behind. */
  async end(): Promise<Findings> {
    await this.rig.end();
    return this.judge();
  }

  /** The state of the turn machine, as its log tells it. */
  state(): TurnState {
    return this.#replayed().state;
  }

  #replayed(): Step {
    const { header, records } = parseEventLog(`${this.rig.logLines.join('\n')}\n`, { unfinished: true });
    let state = initialTurnState(header.settings);
    const commands: TurnCommand[] = [];
    for (const record of records) {
      if (record.type !== 'event') continue;
      const step = reduceTurn(state, record.event);
      state = step.state;
      commands.push(...step.commands);
    }
    return { state, commands };
  }

  /** Replies that have begun a phrase again after the caller had spoken over it. */
  #takenUpAgain(): ReadonlySet<number> {
    const { commands } = this.#replayed();
    return new Set(commands.flatMap((each) => (each.type === 'restore' && each.again ? [each.reply] : [])));
  }

  judge(): Findings {
    const replies = this.#replies();
    return {
      turns: this.rig.of('turn-committed').length,
      replies: this.rig.of('reply-started').length,
      missed: this.#missed(),
      stuck: this.#stuck,
      lowered: this.#lowered(),
      overlapping: this.#overlapping(),
      stale: this.#stale(replies),
      history: this.#history(replies),
      written: this.#written(),
    };
  }

  #disorderAcks(treatment: Treatment): void {
    if (treatment.how === 'late') this.#lateAckMs += treatment.ms;
    else if (treatment.how !== 'twice') this.#ackLost = true;
  }

  #words(count: number): string {
    return Array.from({ length: count }, () => callerWords[this.#said++ % callerWords.length]).join(' ');
  }

  #write(): void {
    const { controls } = this.rig.session;
    const text = `written ${this.#wrote.length}`;
    this.#wrote.push(text);
    controls.addMessage({ id: text, role: 'user', text });
    controls.respond();
  }

  /** What was written stands in the history and in the story of the call, in its order. */
  #written(): string[] {
    const { rig } = this;
    const remembered = rig.brain.history.flatMap((item) => (item.role === 'written' ? [item.text] : []));
    const { turns } = tellCall(parseEventLog(`${rig.logLines.join('\n')}\n`));
    const told = turns.flatMap(({ steps }) => steps.flatMap((step) => (step.what === 'wrote' ? [step.text] : [])));
    return [remembered, told].flatMap((texts) =>
      isDeepStrictEqual(texts, this.#wrote) ? [] : [`"${this.#wrote.join(', ')}" became "${texts.join(', ')}"`],
    );
  }

  #speak(samples: Float32Array): void {
    const { transport, clock } = this.rig;
    const lengthMs = durationMs(samples.length, 16_000);
    const fromMs = Math.max(clock.nowMs(), this.#voiced.at(-1)?.untilMs ?? 0);
    this.#voiced.push({ fromMs, untilMs: fromMs + lengthMs });
    void transport.say(samples);
  }

  /** A client that tells where it stopped looks every 20 ms. */
  async #wait(ms: number): Promise<void> {
    const { clock } = this.rig;
    if (this.world.client !== 'truncates') {
      await clock.advance(ms);
      return;
    }
    const untilMs = clock.nowMs() + ms;
    while (clock.nowMs() < untilMs) {
      await clock.advance(Math.min(20, untilMs - clock.nowMs()));
      this.#truncate();
    }
  }

  #truncate(): void {
    const { rig, disorder } = this;
    for (const { event } of rig.of('reply-finished')) {
      if (event.status === 'completed' || this.#flushed.has(event.reply)) continue;
      this.#flushed.add(event.reply);
      const playedMs = rig.transport.playedMs(event.reply);
      disorder.deliver('acknowledgement', () => rig.session.controls.truncate(event.reply, playedMs));
    }
  }

  #heardSince(fromMs: number) {
    return this.rig.heardWords(100).filter((word) => word.startMs >= fromMs);
  }

  /** A committed turn must be followed by a sound in time, unless somebody takes the floor before. */
  #missed(): string[] {
    const { rig } = this;
    const endedMs = rig.of('ended')[0]?.atMs ?? Number.POSITIVE_INFINITY;
    const sounds = rig.heardWords(5);
    return rig.of('turn-committed').flatMap(({ atMs, event }) => {
      if (event.reply === undefined) return [];
      let untilMs = atMs + maxSilenceMs + slackMs + this.world.networkMs + this.#lateTimerMs;
      // Whoever speaks is not waiting, and what is said after that is due from its end.
      for (const { fromMs, untilMs: spokenMs } of this.#voiced)
        if (fromMs < untilMs && spokenMs > atMs)
          untilMs = Math.max(untilMs, spokenMs + maxSilenceMs + 2_000 + this.#lateTimerMs);
      if (endedMs < untilMs || this.#cancelled.some((ms) => ms >= atMs && ms < untilMs)) return [];
      if (sounds.some((word) => word.endMs > atMs && word.startMs <= untilMs)) return [];
      return [`turn ${event.turn}, committed at ${atMs}, is followed by silence until ${untilMs}`];
    });
  }

  /** Words that sounded low though the caller had said nothing for a while. */
  #lowered(): string[] {
    if (this.#lateWindows) return [];
    return this.rig.heardWords(100).flatMap(({ text, startMs, endMs, levelDb }) => {
      const spoken = this.#voiced.some(({ fromMs, untilMs }) => fromMs < endMs && untilMs > startMs - decidedWithinMs);
      return spoken || levelDb > loweredDb ? [] : [`"${text}" at ${startMs} sounded at ${levelDb.toFixed(1)} dB`];
    });
  }

  #overlapping(): string[] {
    let last = -1;
    let overMs = 0;
    return this.rig.transport.sent.flatMap(({ tag, playsAtMs, untilMs }) => {
      if (untilMs <= playsAtMs) return [];
      const wrong = tag.reply < last || playsAtMs < overMs - 1;
      last = Math.max(last, tag.reply);
      overMs = Math.max(overMs, untilMs);
      return wrong ? [`reply ${tag.reply} sounds at ${playsAtMs} over reply ${last}`] : [];
    });
  }

  /** Audio of a reply that is over, and words that belong to another. */
  #stale(replies: readonly Reply[]): string[] {
    const { rig, world } = this;
    const finishedMs = new Map(rig.of('reply-finished').map(({ atMs, event }) => [event.reply, atMs]));
    const late = rig.transport.sent.flatMap(({ tag, atMs }) => {
      const sentMs = atMs - world.networkMs;
      const overMs = finishedMs.get(tag.reply) ?? Number.POSITIVE_INFINITY;
      return sentMs > overMs ? [`reply ${tag.reply} was sent at ${sentMs}, when it was over since ${overMs}`] : [];
    });
    const foreign = replies.flatMap(({ reply, generated, played }) => {
      // A token that came twice has no space before it the second time.
      const own = new Set([...wordsOf(generated).split(' '), ...wordsOf(generated.replace(/[.,]/g, ' ')).split(' ')]);
      const others = played(125).filter((word) => !own.has(word));
      return others.length > 0 ? [`reply ${reply} ("${generated}") was heard to say "${others.join(' ')}"`] : [];
    });
    return [...late, ...foreign];
  }

  #history(replies: readonly Reply[]): string[] {
    const again = this.#takenUpAgain();
    return replies.flatMap(({ reply, told, basis, played }) => {
      // Words that were said again are told once; no reply has a word twice.
      const once = (words: readonly string[]) => (again.has(reply) ? [...new Set(words)] : words);
      // The decoder measures a word that was cut to within two of its steps.
      const off = Math.min(
        ...[115, 125, 135].flatMap((minMs) =>
          // An opener of ours is spoken faster than the same word of the model's.
          [minMs, minMs / openerSpeed].map((openerMs) => distance(told, once(played(minMs, openerMs)))),
        ),
      );
      if (off <= this.#wordsOff(reply)) return [];
      const heard = played(125).join(' ');
      return [`reply ${reply}: told "${told.join(' ')}" (${basis}), heard "${heard}"`];
    });
  }

  /** By how many words the history may be wrong where nobody tells what was heard. */
  #wordsOff(reply: number): number {
    const { client, networkMs } = this.world;
    if (client === 'marks')
      return this.#ackLost || this.#endedWith(reply) ? Math.ceil((160 + 2 * networkMs) / wordMs) : 0;
    return this.#ackLost || networkMs > 0 || this.#endedWith(reply) ? 1 : 0;
  }

  /** The call was over before the far end could tell where this reply was cut. */
  #endedWith(reply: number): boolean {
    const overMs = this.rig.of('reply-finished').find(({ event }) => event.reply === reply)?.atMs;
    const endedMs = this.rig.of('ended')[0]?.atMs;
    return (
      overMs === undefined || endedMs === undefined || endedMs - overMs <= 2 * this.world.networkMs + this.#lateAckMs
    );
  }

  /** What each reply was told to have said, and what was heard of it. */
  #replies(): Reply[] {
    const { rig } = this;
    const items = rig.brain.history.filter((item) => item.role === 'assistant');
    const known = new Map(items.map((item) => [item.reply, item]));
    const numbers = new Set([...known.keys(), ...rig.transport.sent.map((frame) => frame.tag.reply)]);
    return [...numbers].map((reply) => {
      const item = known.get(reply);
      const samples = rig.transport.heardOf(reply);
      const words = decodeTones(samples, { rateHz: 24_000, vocabulary: rig.agentVocabulary, minMs: 90 });
      const played = (minMs: number, openerMs = minMs): string[] =>
        words
          .filter(({ text, startMs, endMs }) => endMs - startMs >= (openerWords.has(text) ? openerMs : minMs))
          .filter(({ text }) => !fillerWords.has(text))
          .map((word) => word.text);
      const told = wordsOf(item?.text ?? '')
        .split(' ')
        .filter((word) => word !== '');
      return { reply, told, basis: item?.heardBasis, generated: item?.generated ?? '', played };
    });
  }
}

type Reply = {
  readonly reply: number;
  readonly told: readonly string[];
  readonly basis: string | undefined;
  readonly generated: string;
  /** Its words that sounded for at least so long; those of openers, for `openerMs`. */
  readonly played: (minMs: number, openerMs?: number) => readonly string[];
};

const wordMs = toneWordMs + toneGapMs;

/** Every answer has words of its own, so that a sound tells whose it is. */
function answer(number: number): string {
  const length = 2 + ((number * 7) % 9);
  const words = Array.from({ length }, (_, index) => agentWords[(number * 11 + index) % agentWords.length]);
  const middle = Math.ceil(length / 2);
  return `${words.slice(0, middle).join(' ')}. ${words.slice(middle).join(' ')}.`;
}

/** A buzz below all tones. */
function noise(ms: number): Float32Array {
  return Float32Array.from({ length: ms * 16 }, (_, i) => 0.2 * Math.sin((2 * Math.PI * 130 * i) / 16_000));
}

/** Words to put in, take out or replace. */
function distance(one: readonly string[], other: readonly string[]): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, word] of one.entries()) {
    const next = [i + 1];
    for (const [j, against] of other.entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (word === against ? 0 : 1)));
    row = next;
  }
  return row[other.length] ?? 0;
}
