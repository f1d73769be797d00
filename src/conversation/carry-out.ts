import type { BrainSession, DraftTag } from '../ports/brain.js';
import type { CallTimers } from './call-timers.js';
import type { Drafts } from './drafts.js';
import type { Floor } from './floor.js';
import type { CallListener } from './listen/call-listener.js';
import type { Openers } from './openers.js';
import type { SessionEvent } from './session-events.js';
import { decidedInMs } from './turn/decided-in.js';
import type { TurnCommand } from './turn/events.js';
import type { TurnState } from './turn/state.js';

/** What commands act on. */
export type CallParts = {
  readonly listener: CallListener;
  readonly brain: BrainSession;
  readonly drafts: Drafts;
  readonly openers: Openers;
  readonly floor: Floor;
  readonly timers: CallTimers;
  readonly observer: (event: SessionEvent) => void;
  readonly hangUp: (reason: string) => void;
};

/**
 * Does what the turn machine commands, and decides nothing.
 * @returns false when what the command is about was gone already
 */
export function carryOut(command: TurnCommand, state: TurnState, call: CallParts): boolean {
  const { listener, brain, drafts, floor, timers, observer } = call;
  switch (command.type) {
    case 'open-turn':
      listener.ear.openUtterance(command.turn, command.startMs);
      observer({ type: 'speech-started', turn: command.turn, startMs: command.startMs });
      return true;
    case 'suspect-end': {
      const { turn, revision, speechEndMs } = command;
      listener.questions.freeze(turn, revision);
      listener.ask(turn, revision, speechEndMs);
      observer({ type: 'speech-paused', turn, endMs: speechEndMs });
      return true;
    }
    case 'look-again':
      listener.ask(command.turn, command.revision, command.speechEndMs);
      return true;
    case 'freeze-again':
      listener.questions.freeze(command.turn, command.revision);
      return true;
    case 'resume-turn':
      return true;
    case 'draft':
      draft(command, state, call);
      return true;
    case 'discard':
      return drafts.discard(command.turn, command.revision);
    case 'commit':
      return commit(command, call);
    case 'drop-turn':
      listener.dropped(command.turn);
      floor.goesOn();
      observer({ type: 'turn-dropped', turn: command.turn, why: command.why });
      return true;
    case 'respond': {
      const { turn, reply } = command;
      observer({ type: 'reply-started', reply, turn: undefined });
      drafts.begin({ turn, revision: 0, text: undefined });
      return play(reply, { turn, revision: 0 }, call);
    }
    case 'lower':
      return floor.lower(command.reply);
    case 'restore':
      return floor.restore(command.reply, command.again ?? false);
    case 'stop':
      return floor.stop(command.reply, command.why, command.withinMs);
    case 'pause':
      return floor.pause(command.reply, command.withinMs);
    case 'look':
      listener.ear.look(command.turn);
      return true;
    case 'say':
      return floor.say(command.reply, command.phrase);
    case 'arm':
      timers.arm(command.timer, command.atSeenMs);
      return true;
    case 'disarm':
      return timers.disarm(command.timer);
    case 'end-call':
      call.hangUp(command.reason);
      return true;
    case 'reopen':
      brain.forget({ turn: command.continues });
      observer({ type: 'turn-reopened', turn: command.turn, continues: command.continues });
      return true;
    case 'note':
      brain.noteUser(command.text, command.turn);
      observer({ type: 'keys-entered', turn: command.turn, text: command.text });
      return true;
    case 'hold-output':
      floor.hold();
      return true;
    case 'release-output':
      floor.release(command.lostMs);
      return true;
    case 'murmur':
      return floor.murmur(command.reply);
  }
}

type Of<T extends TurnCommand['type']> = Extract<TurnCommand, { type: T }>;

function draft({ turn, revision, text }: Of<'draft'>, state: TurnState, call: CallParts): void {
  const { listener, drafts, openers, floor } = call;
  const opener = state.talk.written ? undefined : openers.choose(text, decidedInMs(state, text, listener.ear.atMs));
  drafts.begin({ turn, revision, text }, opener);
  // Begun anew for a reply that was committed already: it takes its place.
  if (!floor.awaits(turn, revision)) return;
  const adopted = drafts.adopt(turn, revision);
  if (adopted) floor.replace(turn, revision, adopted);
}

function commit({ turn, revision, text, reply, speechEndMs: endMs }: Of<'commit'>, call: CallParts): boolean {
  const { listener, brain, floor, observer } = call;
  listener.committed(turn, endMs);
  observer({ type: 'turn-committed', turn, text, endMs, reply });
  if (reply === undefined) {
    brain.noteUser(text, turn);
    return true;
  }
  if (!floor.isOpen(reply)) observer({ type: 'reply-started', reply, turn });
  return play(reply, { turn, revision }, call);
}

function play(reply: number, tag: DraftTag, { brain, drafts, floor }: CallParts): boolean {
  const adopted = drafts.adopt(tag.turn, tag.revision);
  if (!adopted) return false;
  brain.commit(tag);
  floor.play(reply, tag, adopted);
  return true;
}
