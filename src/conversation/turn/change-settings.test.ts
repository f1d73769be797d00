import { describe, expect, it } from 'vitest';
import { defaultAutoGain } from '../listen/treatment-settings.js';
import { changeSettings, parseSettingChange, settingAt } from './change-settings.js';
import { defaultTurnSettings } from './settings.js';
import { settingPaths, turnSettingsBounds } from './settings-bounds.js';
import { turnSettingsSchema } from './settings-schema.js';

/** The paths of all values in a tree. */
function leaves(tree: object, before = ''): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'object' && !Array.isArray(value) ? leaves(value, `${before}${name}.`) : [before + name],
  );
}

const change = (text: string) => changeSettings(defaultTurnSettings, [parseSettingChange(text)]);

describe('the bounds of settings', () => {
  // Absent from the defaults: then there is none of it.
  const treatment = { gain: defaultAutoGain, denoise: false };

  it('are there for every setting, and hold for every default', () => {
    expect([...settingPaths.keys()].sort()).toEqual(leaves({ ...defaultTurnSettings, treatment }).sort());
    expect(turnSettingsSchema.parse(defaultTurnSettings)).toEqual(defaultTurnSettings);
    expect(turnSettingsSchema.parse({ ...defaultTurnSettings, treatment })).toMatchObject({ treatment });
  });
});

describe('changing a setting', () => {
  it('changes that one alone', () => {
    const changed = change('endpointing.minWaitMs=200');
    expect(changed.endpointing.minWaitMs).toBe(200);
    expect({ ...changed, endpointing: { ...changed.endpointing, minWaitMs: 600 } }).toEqual({
      ...defaultTurnSettings,
      endpointing: { ...defaultTurnSettings.endpointing, minWaitMs: 600 },
    });
    expect(change('interruption.enabled=false').interruption.enabled).toBe(false);
    expect(settingAt(change('detection=manual'), 'detection')).toBe('manual');
  });

  it('the bounds themselves are taken', () => {
    const { min, max } = turnSettingsBounds.endpointing.blindWaitMs;
    expect(change(`endpointing.blindWaitMs=${min}`).endpointing.blindWaitMs).toBe(min);
    expect(change(`endpointing.blindWaitMs=${max}`).endpointing.blindWaitMs).toBe(max);
  });

  it.each([
    ['endpointing.minWaitMs=10001', 'endpointing.minWaitMs cannot be "10001"; expected from 0 to 10000.'],
    ['endpointing.minWaitMs=-1', 'endpointing.minWaitMs cannot be "-1"; expected from 0 to 10000.'],
    ['endpointing.minWaitMs=', 'endpointing.minWaitMs cannot be ""; expected from 0 to 10000.'],
    ['endpointing.minWaitMs=soon', 'endpointing.minWaitMs cannot be "soon"; expected from 0 to 10000.'],
    ['endpointing.midpoint=NaN', 'endpointing.midpoint cannot be "NaN"; expected from 0 to 1.'],
    ['interruption.enabled=yes', 'interruption.enabled cannot be "yes"; expected true or false.'],
    ['detection=semantic', 'detection cannot be "semantic"; expected auto or manual.'],
    ['minWaitMs', '"minWaitMs" sets nothing; expected NAME=VALUE'],
    ['=5', '"=5" sets nothing'],
    ['endpointing=5', 'There is no setting "endpointing"'],
    ['endpointing.minDelayMs=200', '  endpointing.minWaitMs: from 0 to 10000'],
    ['__proto__.x=1', 'There is no setting "__proto__.x"'],
  ])('%s is refused with what is expected', (text, message) => {
    expect(() => change(text)).toThrowError(
      expect.objectContaining({ code: 'settings.invalid', message: expect.stringContaining(message) as string }),
    );
  });

  it('bounds of a wait that are the wrong way round are refused', () => {
    expect(() => change('endpointing.minWaitMs=9000')).toThrowError(
      /endpointing\.minWaitMs is 9000 and endpointing\.maxWaitMs is 1600/,
    );
  });
});
