import type { TextToSpeech } from '../../../ports/text-to-speech.js';
import { RequestError } from '../../openai/rest/openai-error.js';
import type { Reported } from '../common/reported.js';

/** How the ids of cloned voices begin. */
const clonePrefix = 'voice_';

/**
 * The voice for a name. Smallest.ai's catalogue has hundreds of names that are not of this server: for them its first voice
 * speaks, and that is reported. A cloned voice is somebody's own, and nobody else speaks in its place.
 * @throws RequestError for a cloned voice
 */
export function chooseVoice(
  { voices }: TextToSpeech,
  named: string | null | undefined,
): { readonly voice: string; readonly reported: readonly Reported[] } {
  const first = voices[0] ?? '';
  if (named === null || named === undefined) return { voice: first, reported: [] };
  if (voices.includes(named)) return { voice: named, reported: [] };
  if (named.startsWith(clonePrefix))
    throw new RequestError(
      `There is no cloned voice "${named.slice(0, 60)}": voices cannot be cloned here yet. The voices are: ${voices.join(', ')}.`,
      { param: 'voice_id', code: 'tts.unknown_voice' },
    );
  const message = `voice_id: there is no voice "${named.slice(0, 60)}", so "${first}" speaks; the voices are: ${voices.join(', ')}.`;
  return { voice: first, reported: [{ name: 'voice_id', message }] };
}
