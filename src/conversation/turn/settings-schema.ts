import { z } from 'zod';
import { defaultAutoGain } from '../listen/treatment-settings.js';
import { defaultTurnSettings, type TurnSettings } from './settings.js';
import { describeBound, type SettingBound, turnSettingsBounds } from './settings-bounds.js';

/** Groups that mean something by their absence. */
const optionalGroups: ReadonlySet<string> = new Set(['drafting', 'talk', 'treatment', 'gain']);

type Tree = { readonly [name: string]: unknown };

/**
 * Settings as they stand in a file, within their bounds. One that is not named has its default: settings are added more
 * often than the format of a log changes.
 */
export const turnSettingsSchema = schemaOf(
  turnSettingsBounds as Tree,
  { ...defaultTurnSettings, treatment: { gain: defaultAutoGain, denoise: false } } as Tree,
) as unknown as z.ZodType<TurnSettings>;

function schemaOf(bounds: Tree, defaults: Tree): z.ZodObject {
  const fields = Object.entries(bounds).map(([name, node]) => {
    const standard = defaults[name];
    const isGroup = typeof standard === 'object' && standard !== null && !Array.isArray(standard);
    const group = (): z.ZodType => {
      const schema = schemaOf(node as Tree, standard as Tree);
      return optionalGroups.has(name) ? schema.optional() : schema;
    };
    return [name, isGroup ? group() : valueSchema(node as SettingBound).default(standard as never)] as const;
  });
  return z.looseObject(Object.fromEntries(fields));
}

/** What a single setting may be. */
export function valueSchema(bound: SettingBound): z.ZodType {
  const error = `expected ${describeBound(bound)}`;
  switch (bound.kind) {
    case 'number':
      return z.number({ error }).min(bound.min, { error }).max(bound.max, { error });
    case 'switch':
      return z.boolean({ error });
    case 'choice':
      return z.enum([...bound.values], { error });
    case 'list':
      return z
        .array(z.number({ error }).min(bound.min, { error }).max(bound.max, { error }), { error })
        .max(bound.atMost, { error });
  }
}
