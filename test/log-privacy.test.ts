import { describe, expect, it } from 'vitest';
import { House } from './support/house.js';
import { houseReply, houseTranscript } from './support/house-words.js';

const apiKey = 'sk-do-not-log-"this"\\either';
const said = 'wisteria';

/** A call with words of every origin, and clients that are refused. @returns all that the process has written */
async function outputOfACall(env: Readonly<Record<string, string>>): Promise<string> {
  const house = await House.start({ PARLEY_API_KEY: apiKey, ...env });
  try {
    await expect(house.connect({ apiKey: `${apiKey}x` })).rejects.toMatchObject({ status: 401 });
    const call = await house.connect({ apiKey, greeting: `Welcome to ${said}.` });
    await call.next('response.done');
    expect(await call.exchange()).toBe(houseReply);
    call.send({ type: 'session.update', session: { instructions: `Say ${said}.` } });
    const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: said }] };
    call.send({ type: 'conversation.item.create', item });
    call.socket.send(`{"type": "${said}`);
    call.send({ type: 'response.create' });
    await call.next('response.done');
    await call.close();
  } finally {
    await house.stop();
  }
  expect(house.process.output).toContain('call ended');
  return house.process.output;
}

// A process for each level, and most of a call is silence.
describe.concurrent('what the server writes', () => {
  it.each(['info', 'debug'])('has neither words nor keys at level %s', async (level) => {
    const output = (await outputOfACall({ PARLEY_LOG_LEVEL: level })).toLowerCase();
    // The agent's name is told at the start; what its prompt and its greeting say is not.
    const agentWords = ['payment is at the counter', 'what can i get you'];
    const words = [said, houseReply.replace('.', ''), ...houseTranscript.split(' '), ...agentWords];
    for (const word of words) expect(output).not.toContain(word.toLowerCase());
    for (const form of [apiKey, JSON.stringify(apiKey).slice(1, -1)]) expect(output).not.toContain(form.toLowerCase());
    expect(output).not.toMatch(/[a-z0-9+/]{200}/);
  });

  it('has what both sides said where that was asked for, and still no key', async () => {
    const output = await outputOfACall({ PARLEY_LOG_WORDS: 'on' });
    for (const words of [houseTranscript, houseReply, `Welcome to ${said}.`]) expect(output).toContain(words);
    expect(output).not.toContain('do-not-log');
  });
});
