import { isDeepStrictEqual } from 'node:util';
import type { OverlapEvidence, TimerName, TurnCommand, TurnEvent, TurnEventBody } from './events.js';
import { reduceTurn } from './machine.js';
import type { TurnSettings } from './settings.js';
import { initialTurnState, type TurnState } from './state.js';
import { inPassage } from './talk-state.js';
import { deepFrozen, windowMs } from './turn-fixture.js';

export type Tag = { readonly turn: number; readonly revision: number };

const keyOf = ({ turn, revision }: Tag): string => `${turn}/${revision}`;

/**
 * Runs the turn machine and throws as soon as a step breaks a rule that holds for every call. It keeps what the machine
 * asked for, so that a test can answer it: late, twice, or in another order.
 */
export class TurnChecker {
  state: TurnState;
  atMs = 0;
  seenMs = 0;
  readonly requests: Tag[] = [];
  readonly drafts: Tag[] = [];
  readonly replies: number[] = [];
  readonly armed = new Map<TimerName, number>();
  readonly history: string[] = [];
  openReply: number | undefined;
  #begun = false;
  #ended = false;
  #lowered: number | undefined;
  #openTurn: number | undefined;
  #lastTurn = 0;
  /** The draft that the open reply is made of. */
  #answers: string | undefined;
  #revision = 0;
  readonly #liveDrafts = new Set<string>();

  constructor(settings: TurnSettings) {
    this.state = deepFrozen(initialTurnState(settings));
  }

  get ended(): boolean {
    return this.#ended;
  }

  tell(body: TurnEventBody): void {
    const event: TurnEvent = deepFrozen({ atMs: this.atMs, seenMs: this.seenMs, ...body });
    this.history.push(JSON.stringify(body));
    if (body.type === 'begin') this.#begun = true;
    if (body.type === 'timer') this.armed.delete(body.timer);
    if (body.type === 'reply-done' && body.reply === this.openReply) this.#closeReply();
    const before = this.state;
    const step = reduceTurn(before, event);
    this.#rule(isDeepStrictEqual(step, reduceTurn(before, event)), 'the same event gives the same step');
    this.state = deepFrozen(step.state);
    this.#rule(!this.#ended || step.commands.length === 0, 'nothing is commanded after the end');
    for (const command of step.commands) {
      this.history.push(`  ${JSON.stringify(command)}`);
      this.#check(command, step.commands);
    }
    if (body.type === 'hung-up') this.#ended = true;
    this.#checkState();
  }

  window(probability: number, overlap?: OverlapEvidence): void {
    this.atMs += windowMs;
    this.tell({ type: 'window', probability, windowMs, ...(overlap ? { overlap } : {}) });
  }

  #rule(holds: boolean, rule: string): void {
    if (!holds) throw new Error(`broken: ${rule}\n${this.history.join('\n')}`);
  }

  #check(command: TurnCommand, all: readonly TurnCommand[]): void {
    switch (command.type) {
      case 'open-turn':
        this.#rule(this.#openTurn === undefined, 'one turn is open at a time');
        this.#rule(command.turn > this.#lastTurn, 'turn numbers increase');
        this.#openTurn = this.#lastTurn = command.turn;
        this.#revision = 0;
        break;
      case 'suspect-end':
        this.#rule(command.turn === this.#openTurn, 'an end is suspected of the open turn');
        this.#rule(command.revision > this.#revision, 'revisions increase');
        this.#revision = command.revision;
        this.requests.push({ turn: command.turn, revision: command.revision });
        break;
      case 'freeze-again':
        this.#rule(command.revision === this.#revision, 'only the newest revision is frozen again');
        break;
      case 'resume-turn':
        if (this.#liveDrafts.has(keyOf(command)))
          this.#rule(
            all.some((each) => each.type === 'discard' && keyOf(each) === keyOf(command)),
            'the draft of a revision that resumes is discarded',
          );
        break;
      case 'draft':
        this.drafts.push({ turn: command.turn, revision: command.revision });
        // Made anew for the reply that waits for it, it belongs to that at once.
        if (keyOf(command) !== this.#answers) this.#liveDrafts.add(keyOf(command));
        break;
      case 'discard':
        this.#rule(this.#liveDrafts.delete(keyOf(command)), 'only a live draft is discarded');
        break;
      case 'commit':
        this.#closeTurn(command.turn);
        if (command.reply === undefined) break;
        this.#rule(this.#liveDrafts.has(keyOf(command)), 'a commit adopts a live draft');
        if (command.reply !== this.openReply) this.#openReply(command.reply);
        this.#answers = keyOf(command);
        this.#liveDrafts.delete(keyOf(command));
        break;
      case 'drop-turn':
        this.#closeTurn(command.turn);
        break;
      case 'respond':
        this.#rule(command.turn > this.#lastTurn, 'turn numbers increase');
        this.#rule(this.#liveDrafts.size === 0, 'one draft is live at a time');
        this.#lastTurn = command.turn;
        this.drafts.push({ turn: command.turn, revision: 0 });
        this.#openReply(command.reply);
        break;
      case 'say':
        if (command.reply !== this.openReply) this.#openReply(command.reply);
        break;
      case 'stop':
        this.#rule(command.reply === this.openReply, 'only the open reply is stopped');
        this.#closeReply();
        break;
      case 'lower':
        this.#rule(command.reply === this.openReply, 'only the open reply is lowered');
        this.#lowered = command.reply;
        break;
      case 'pause':
        this.#rule(command.reply === this.openReply, 'only the open reply is paused');
        this.#lowered = command.reply;
        break;
      case 'restore':
        this.#rule(command.reply === this.openReply, 'only the open reply is restored');
        this.#lowered = undefined;
        break;
      case 'arm':
        this.armed.set(command.timer, command.atSeenMs);
        break;
      case 'disarm':
        this.armed.delete(command.timer);
        break;
      case 'end-call':
        this.#ended = true;
        break;
      case 'reopen':
        this.#rule(command.turn === this.#openTurn, 'the open turn goes on with an earlier one');
        this.#rule(command.continues < command.turn && this.openReply === undefined, 'whose reply was taken back');
        break;
      case 'note':
        this.#rule(command.turn > this.#lastTurn, 'turn numbers increase');
        this.#lastTurn = command.turn;
        break;
    }
  }

  #openReply(reply: number): void {
    this.#rule(this.openReply === undefined, 'there is one reply at a time');
    this.#rule(reply > (this.replies.at(-1) ?? -1), 'reply numbers increase');
    this.openReply = reply;
    this.replies.push(reply);
  }

  #closeReply(): void {
    this.openReply = undefined;
    this.#answers = undefined;
    this.#lowered = undefined;
  }

  #closeTurn(turn: number): void {
    this.#rule(turn === this.#openTurn, 'only the open turn ends, and once');
    this.#openTurn = undefined;
  }

  #checkState(): void {
    const { listening, agent, overlap, talk } = this.state;
    if (this.#ended) return;
    this.#rule((listening.phase === 'quiet') === (this.#openTurn === undefined), 'a turn is open while one is heard');
    this.#rule((agent.phase === 'silent') === (this.openReply === undefined), 'the agent is silent without a reply');
    this.#rule(this.#lowered === undefined || this.armed.has('overlap'), 'who is lowered has a time to come back');
    this.#rule(this.#lowered !== undefined || !this.armed.has('overlap'), 'nobody else has');
    const heard = listening.phase !== 'quiet' || listening.voicedMs > 0;
    this.#rule(this.#lowered === undefined || heard, 'nobody is lowered under silence');
    this.#rule(
      agent.phase === 'silent' || agent.lowered === (this.#lowered !== undefined),
      'the state knows who is lowered',
    );
    this.#rule(!inPassage(this.state) || this.#lowered === undefined, 'nobody is lowered in a passage');
    this.#rule(!overlap || overlap.reply === this.openReply, 'an overlap is one of the open reply');
    const awaited = talk.keys.digits !== '' && !talk.keys.complete;
    this.#rule(!awaited || this.armed.has('keys'), 'keys that may go on have a time to be complete');
    const [live] = this.#liveDrafts;
    this.#rule(this.#liveDrafts.size <= 1, 'one draft is live at a time');
    this.#rule(live === undefined || agentOrPause(this.state, live), 'a draft that nobody waits for is discarded');
    if (!this.#begun) return;
    if (agent.phase === 'silent' && listening.phase === 'quiet')
      this.#rule(this.armed.has('idle'), 'a call in which nobody speaks will end');
    if (agent.phase === 'preparing' && agent.source.kind !== 'phrase')
      this.#rule(this.armed.has('dead-air'), 'a reply that is not audible yet is watched');
    if (agent.phase === 'silent' && listening.phase === 'pause' && this.state.settings.respond)
      this.#rule(this.armed.has('dead-air'), 'a pause in which nobody speaks is watched');
    if (agent.phase === 'speaking' && agent.dry && agent.source.kind !== 'phrase')
      this.#rule(this.armed.has('dead-air'), 'a reply that has run dry is watched');
    if (agent.phase !== 'silent' && agent.source.kind === 'wait')
      this.#rule(listening.phase === 'pause' && listening.turn === agent.source.turn, 'a wait is for the open pause');
  }
}

/** Whether the draft is that of the open pause. */
function agentOrPause(state: TurnState, key: string): boolean {
  return state.listening.phase === 'pause' && keyOf(state.listening) === key;
}
