import { expect, it } from 'vitest';
import { ScriptedLanguageModel } from '../../testing/scripted-language-model.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { lastEngineMs } from './attempt.js';
import { FallbackLanguageModel, languageModelDeadlines } from './language-model.js';

async function said(firstTokenMs: readonly [number, number]): Promise<string> {
  const clock = new VirtualClock({ auto: true });
  const [first, second] = firstTokenMs.map(
    (ms, index) => new ScriptedLanguageModel({ clock, reply: `Number ${index + 1}.`, firstTokenMs: ms }),
  ) as [ScriptedLanguageModel, ScriptedLanguageModel];
  const model = new FallbackLanguageModel({ engines: [first, second], clock });
  const { signal } = new AbortController();
  const context = await model.open({ system: 'Count.', examples: [] }, { callId: 'call', signal });
  await context.extend({ role: 'user', text: 'Who is there?' }, { signal, defer: true });
  let text = '';
  for await (const event of context.generate({ signal, maxTokens: 20 })) if (event.type === 'text') text += event.text;
  context.close();
  await model.close();
  return text;
}

it('an engine that is late is given up for the next one, and the last one is waited for', async () => {
  const late = languageModelDeadlines.firstMs + 1_000;
  expect(await said([100, 100])).toBe('Number 1.');
  expect(await said([late, 100])).toBe('Number 2.');
  expect(await said([late, late])).toBe('Number 2.');
  await expect(said([late, lastEngineMs + 1_000])).rejects.toMatchObject({ code: 'fallback.late' });
});
