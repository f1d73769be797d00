import { ParleyError } from '../../ports/errors.js';
import type { TurnSettings } from './settings.js';
import { describeBound, type SettingBound, settingPaths } from './settings-bounds.js';
import { valueSchema } from './settings-schema.js';

/** Another value for one setting, as in `endpointing.minWaitMs=200`. */
export type SettingChange = { readonly path: string; readonly value: number | boolean | string | readonly number[] };

/** Of each pair the first may not exceed the second: the machine would wait for what cannot come. */
const ordered: readonly (readonly [string, string])[] = [
  ['endpointing.minWaitMs', 'endpointing.maxWaitMs'],
  ['endpointing.stopThreshold', 'endpointing.startThreshold'],
];

/**
 * @param offered - which settings are named to somebody who names one that there is not; all of them where it is left out
 * @throws ParleyError `settings.invalid` naming the setting, its bounds and, for an unknown name, those there are
 */
export function parseSettingChange(text: string, offered: (path: string) => boolean = () => true): SettingChange {
  const at = text.indexOf('=');
  if (at < 1) throw invalid(`"${text}" sets nothing; expected NAME=VALUE, as in endpointing.minWaitMs=400.`);
  const path = text.slice(0, at).trim();
  const given = text.slice(at + 1).trim();
  const bound = settingPaths.get(path);
  if (!bound) throw invalid(`There is no setting "${path}". ${settingsThatThereAre(path, offered)}`);
  const value = readValue(given, bound);
  if (value === undefined || !valueSchema(bound).safeParse(value).success)
    throw invalid(`${path} cannot be "${given}"; expected ${describeBound(bound)}.`);
  return { path, value };
}

function readValue(text: string, bound: SettingBound): SettingChange['value'] | undefined {
  if (bound.kind === 'choice') return text;
  if (bound.kind === 'switch') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (bound.kind === 'list') return text === '' ? [] : text.split(',').map(numberOf);
  return numberOf(text);
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function settingsThatThereAre(path: string, offered: (path: string) => boolean): string {
  const group = path.split('.')[0];
  const all = [...settingPaths].filter(([name]) => offered(name));
  const near = all.filter(([name]) => name.startsWith(`${group}.`));
  const listed = (near.length > 0 ? near : all).map(([name, bound]) => `  ${name}: ${describeBound(bound)}`);
  return `Expected one of:\n${listed.join('\n')}`;
}

/** The settings with these changes. @throws ParleyError `settings.invalid` when two of them contradict each other */
export function changeSettings(settings: TurnSettings, changes: readonly SettingChange[]): TurnSettings {
  let changed = settings;
  for (const { path, value } of changes) changed = withValue(changed, path.split('.'), value);
  const touched = new Set(changes.map(({ path }) => path));
  for (const [low, high] of ordered) {
    if (!touched.has(low) && !touched.has(high)) continue;
    const lowest = settingAt(changed, low);
    const highest = settingAt(changed, high);
    if (Number(lowest) > Number(highest))
      throw invalid(`${low} is ${lowest} and ${high} is ${highest}; expected the first to be no more than the second.`);
  }
  return changed;
}

/** The value of the setting with that path. */
export function settingAt(settings: TurnSettings, path: string): unknown {
  return path.split('.').reduce<unknown>((node, name) => (node as Readonly<Record<string, unknown>>)[name], settings);
}

function withValue<T extends object>(node: T, [name, ...rest]: readonly string[], value: unknown): T {
  if (name === undefined) return node;
  const inner = (node as Readonly<Record<string, unknown>>)[name];
  return { ...node, [name]: rest.length === 0 ? value : withValue(inner as object, rest, value) };
}

function invalid(message: string): ParleyError {
  return new ParleyError(message, { code: 'settings.invalid', status: 400 });
}
