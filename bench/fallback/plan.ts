/** What a service gives before it is killed; the other one lives on. */
export const drills = {
  /** Audio of one clause that has been sent, ms: the caller is in the middle of hearing it. */
  voice: { afterMs: 900 },
  /** Words of the reply: in the middle of its first sentence. */
  model: { afterWords: 7 },
} as const;

export type DrillKind = keyof typeof drills;

const drinks = ['cappuccino', 'mocha', 'green tea', 'lemonade', 'black coffee', 'hot chocolate', 'latte'];
const places = ['the counter', 'the front door', 'the small window', 'table nine', 'the garden gate'];
const minutes = ['ten', 'twelve', 'fifteen', 'eight', 'twenty', 'five'];
const pick = (list: readonly string[], index: number): string => list[index % list.length] ?? '';

/**
 * What the remote model says in a drill, whatever it is asked: two sentences, which is as long as the agent's replies may be. No two of the first 210 are the same: a clause that was spoken
 * before would come from memory, not from the service.
 */
export function replyOf(drill: number): string {
  return [
    `Certainly, one ${pick(drinks, drill)} for ${pick(places, drill)} is on its way to you right now.`,
    `It will be ready at ${pick(places, drill)} in about ${pick(minutes, drill)} minutes for your ${pick(drinks, drill)}.`,
  ].join(' ');
}

/** A remote voice speaks somewhat faster than its audio is heard, as those in the cloud do at least. */
export const audioPace = 1.5;
/** A remote model of middling speed: to its first token, and for each further word. */
export const firstWordMs = 250;
export const wordMs = 60;

/** What the process that serves is told: with `dies`, it kills itself as {@link drills} says, the next time it serves. */
export type ServiceOrder = { readonly dies: DrillKind | undefined; readonly reply: string };
/** What it tells: where it is, once, and that it is about to be killed. */
export type ServiceNews = { readonly port: number } | { readonly dying: DrillKind };
