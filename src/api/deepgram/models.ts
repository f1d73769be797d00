import { createHash } from 'node:crypto';
import type { EngineTable, NamedEngine } from '../../platform/layers/engine-table.js';
import { ParleyError } from '../../ports/errors.js';

/**
 * Deepgram's models come in families of many names, for domains, sizes and years; here all of one family mean the model
 * that does the same job.
 */
const families = {
  listen: /^(nova|nova-2|nova-3|enhanced|base|whisper|general)(-[a-z0-9-]+)?$/,
  flux: /^flux-general-(en|multi)$/,
  /** A model for each voice: `aura-2-thalia-en`. */
  speak: /^aura(-2)?-(?<voice>[a-z]+)-(?<language>[a-z]{2})$/,
} as const;

export type ModelFamily = keyof typeof families;

/** Whether a name is one of Deepgram's for this job. */
export function isDeepgramModel(family: ModelFamily, name: string): boolean {
  return families[family].test(name);
}

/**
 * The model that a client means: the first one for Deepgram's own names and for none, otherwise the one of that name.
 * @throws ParleyError `model.unknown` (404)
 */
export function modelOf<E>(table: EngineTable<E>, family: ModelFamily, name: string | undefined): NamedEngine<E> {
  return table.find(name === undefined || isDeepgramModel(family, name) ? undefined : name);
}

/**
 * The voice that a client means with the name of a model: the one of the same name where there is one, otherwise the
 * model's first.
 * @throws ParleyError `speech.language` (400) for a voice of another language than English
 */
export function voiceOf(voices: readonly string[], name: string | undefined): string | undefined {
  const { voice, language } = families.speak.exec(name ?? '')?.groups ?? {};
  if (language !== undefined && language !== 'en')
    throw new ParleyError(
      `${name} speaks "${language}"; the voices here speak English. Ask for a model that ends in -en.`,
      {
        code: 'speech.language',
        status: 400,
      },
    );
  return voices.find((each) => each === voice) ?? voices[0];
}

/** What stands for Deepgram's identifiers of models: the same for the same name. */
export function modelUuid(name: string): string {
  const hex = createHash('sha256').update(`parley model ${name}`).digest('hex');
  // Version 8 of RFC 9562: of one's own making.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function modelInfo({ id, ownedBy }: NamedEngine<unknown>) {
  return { name: id, version: '1', arch: ownedBy };
}
