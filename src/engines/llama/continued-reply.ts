import type { GenerateEvent, GenerateOptions } from '../../ports/language-model.js';
import { lostItsHost, maxHostsLost } from '../host/lost.js';

/**
 * A reply that outlives its host: when that is gone, the next one is given all text so far as the forced beginning and
 * goes on from there, so that no word is doubled or left out.
 */
export async function* continuedReply(
  options: GenerateOptions,
  generate: (options: GenerateOptions) => AsyncIterable<GenerateEvent>,
): AsyncIterable<GenerateEvent> {
  const { endAt } = options;
  let said = '';
  for (let hostsLost = 0; ; hostsLost++) {
    const before = said;
    const part: GenerateOptions = {
      ...options,
      forcedBeginning: (options.forcedBeginning ?? '') + before,
      ...(endAt ? { endAt: (text) => shifted(endAt(before + text), before.length) } : {}),
    };
    try {
      for await (const event of generate(part)) {
        if (event.type === 'text') said += event.text;
        yield event;
      }
      return;
    } catch (error) {
      if (hostsLost >= maxHostsLost || options.signal.aborted || !lostItsHost(error)) throw error;
    }
  }
}

function shifted(at: number | undefined, by: number): number | undefined {
  return at === undefined ? undefined : Math.max(0, at - by);
}
