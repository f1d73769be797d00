import { noTool } from '../src/platform/layers/chat/tool-schema.js';
import type { ChatMessage } from '../src/ports/language-model.js';
import { ToneVocabulary } from '../src/testing/tone-words.js';

/** Both ends know the same words in the same order, so that they agree on the tones. */
const words =
  'two large teas and one small coffee please nine quiet foxes lived beyond the seven tall hills it is sunny in oslo paris three four five once there near old mill where everybody sang every evening until late welcome you said';

export const toneWords = (): ToneVocabulary => new ToneVocabulary(new Set(words.split(' ')));

export const story =
  'Once there lived nine quiet foxes beyond the seven tall hills near the old mill where everybody sang every evening until late.';
const weatherCall = '{"name":"get_weather","arguments":{"city":"Oslo"}}';

/** What a model that does as it is told would say, to what the cases ask. */
export function scriptedReply(said: string, messages: readonly ChatMessage[]): string {
  const asked = messages.filter(({ role }) => role === 'user').at(-1)?.text ?? said;
  const choosing = messages.at(-1)?.text.startsWith('Decide what comes next') === true;
  if (asked.includes('<tool_response>')) return choosing ? `{"name":"${noTool}"}` : 'It is sunny in Oslo.';
  if (/JSON/.test(asked)) return '{"city": "Oslo", "country": "Norway"}';
  if (/weather/i.test(asked)) return weatherCall;
  if (/capital of France/.test(asked)) return 'Paris.';
  if (/count/i.test(asked)) return 'one two three four five';
  if (/story/i.test(asked)) return story;
  return `You said ${asked}.`;
}
