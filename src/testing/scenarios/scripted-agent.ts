import type { BrainEvent } from '../../ports/brain.js';
import type { Clock } from '../../ports/clock.js';
import { delay } from '../delay.js';
import { ScriptedBrain } from '../scripted-brain.js';
import { toneWord } from '../tone-words.js';
import type { Scenario } from './scenario-schema.js';

/** Said where the scenario has no answer. */
const otherwise = { say: 'Okay.', after_ms: 300 };
const tokenMs = 40;

/** A mind that answers as the scenario says, each reply as late as it says. */
export function scriptedAgent({ agent }: Scenario, clock: Clock): ScriptedBrain {
  return new ScriptedBrain({
    clock,
    firstMs: 0,
    eachMs: tokenMs,
    answer({ text }) {
      const said = wordsOf(text ?? '');
      const reply = agent.replies.find(({ to }) => to === undefined || said.includes(wordsOf(to))) ?? otherwise;
      return written(reply.say, reply.after_ms, clock);
    },
  });
}

async function* written(text: string, afterMs: number, clock: Clock): AsyncIterable<BrainEvent> {
  await delay(clock, afterMs);
  for (const word of text.match(/\s*\S+/g) ?? []) yield { type: 'say', text: word };
}

/** Words as tones are decoded, with a space on both sides so that none is found inside another. */
export function wordsOf(text: string): string {
  const words = text.split(/\s+/).map(toneWord);
  return ` ${words.filter((word) => word !== '').join(' ')} `;
}
