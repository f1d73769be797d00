import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { defaultHttpLimits } from '../src/api/control/http-limits.js';
import { requestLimits } from '../src/api/http/limits.js';
import { defaultRealtimeLimits, messageLimits } from '../src/api/openai/realtime/limits.js';
import { defaultSocketLimits } from '../src/api/sockets/limits.js';
import { defaultS2sLimits } from '../src/api/waves/s2s/limits.js';
import { ttsSocketLimits } from '../src/api/waves/tts/tts-socket.js';
import { pinLimits } from '../src/cli/pin.js';
import { remoteLimits } from '../src/engines/remote/limits.js';
import { callLimits } from '../src/platform/call-limits.js';
import { fetchLimits } from '../src/platform/fetch/limits.js';
import { defaultLayerLimits } from '../src/platform/layers/limits.js';
import { dictionaryLimits } from '../src/platform/pronunciations/dictionaries.js';
import { speechToSpeechLimits } from '../src/platform/speech-to-speech/limits.js';
import { readSettings } from '../src/settings/settings.js';
import { storeLimits } from '../src/store/limits.js';
import { scenarioLimits } from '../src/testing/scenarios/limits.js';

const settings = readSettings({});
const sections: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  Settings: {
    PARLEY_MAX_CALLS: String(settings.maxCalls),
    PARLEY_DRAIN_MS: String(settings.drainMs),
    PARLEY_LOG_WORDS: settings.logWords ? 'on' : 'off',
  },
  'HTTP connections': defaultHttpLimits,
  'Realtime sessions': defaultRealtimeLimits,
  'Messages of a realtime client': messageLimits,
  Sockets: defaultSocketLimits,
  Calls: callLimits,
  Layers: defaultLayerLimits,
  'Requests to layers': requestLimits,
  'Speech over the Waves socket': ttsSocketLimits,
  'Pronunciation dictionaries': dictionaryLimits,
  'Speech-to-speech sessions': defaultS2sLimits,
  'Calls of realtime models': speechToSpeechLimits,
  'Recordings by URL': fetchLimits,
  'The database': storeLimits,
  'Remote engines': remoteLimits,
  Scenarios: scenarioLimits,
  'Pins of recorded turns': pinLimits,
};

/** As the table writes it. */
function written(name: string, value: string | number): string {
  if (typeof value === 'string') return value;
  if (name.endsWith('Ms')) return `${value} ms`;
  if (!name.endsWith('Bytes')) return String(value);
  if (value % 1024 ** 2 === 0) return `${value / 1024 ** 2} MiB`;
  return value % 1024 === 0 ? `${value / 1024} KiB` : `${value} bytes`;
}

describe('docs/limits.md', () => {
  it.each(Object.entries(sections))('has the limits of the code: %s', async (title, limits) => {
    const text = await readFile(new URL('../docs/limits.md', import.meta.url), 'utf8');
    const section = text.split(/^## /m).find((each) => each.startsWith(title)) ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, value]) => [name, value]);
    expect(rows).toEqual(Object.entries(limits).map(([name, value]) => [name, written(name, value)]));
  });
});
