import { describe, expect, it } from 'vitest';
import type { HeardReply } from '../ports/brain.js';
import { ConversationHistory } from './history.js';

function heard(reply: number, text: string, rest: Partial<HeardReply> = {}): HeardReply {
  return { reply, text, generated: text, complete: true, heardBasis: 'estimated', ...rest };
}

describe('conversation history', () => {
  it('keeps what was said and heard in order', () => {
    const history = new ConversationHistory();
    history.setHeard(heard(0, 'Hello!'));
    history.addUser(1, 'A coffee.');
    history.setHeard(heard(1, 'Sure.'));
    expect(history.messages()).toEqual([
      { role: 'assistant', text: 'Hello!' },
      { role: 'user', text: 'A coffee.' },
      { role: 'assistant', text: 'Sure.' },
    ]);
  });

  it('shows a model its replies without the openers that were put in front of them, and keeps them as they were heard', () => {
    const history = new ConversationHistory();
    history.setHeard(heard(0, 'Okay, what would you like?'));
    history.addUser(1, 'A coffee.');
    history.addOpener('Sure,');
    history.setHeard(heard(1, 'Sure, a coffee it is.'));
    history.addUser(2, 'Is it hot?');
    history.setHeard(heard(2, 'Sure!'));
    const assistant = history.messages().filter(({ role }) => role === 'assistant');
    expect(assistant.map(({ text }) => text)).toEqual(['Okay, what would you like?', 'A coffee it is.', 'Sure!']);
    expect(history.items.map(({ role, ...item }) => ('text' in item ? item.text : role))).toContain(
      'Sure, a coffee it is.',
    );
  });

  it('the same turn twice is one', () => {
    const history = new ConversationHistory();
    history.addUser(1, 'A coffee.');
    history.addUser(1, 'A coffee.');
    expect(history.items).toHaveLength(1);
  });

  it('what was written stands where its writer put it, and an unknown place is the end', () => {
    const history = new ConversationHistory();
    history.addUser(1, 'A coffee.');
    history.setHeard(heard(0, 'Sure.'));
    history.addMessage({ id: 'a', role: 'user', text: 'And a tea.' });
    history.addMessage({ id: 'b', role: 'system', text: 'It is raining.', after: null });
    history.addMessage({ id: 'c', role: 'assistant', text: 'With milk?', after: { reply: 0 } });
    history.addMessage({ id: 'd', role: 'user', text: 'Yes.', after: { message: 'c' } });
    history.addMessage({ id: 'e', role: 'user', text: 'Thanks.', after: { turn: 7 } });
    expect(history.messages()).toEqual([
      { role: 'system', text: 'It is raining.' },
      { role: 'user', text: 'A coffee.' },
      { role: 'assistant', text: 'Sure. With milk?' },
      { role: 'user', text: 'Yes. And a tea. Thanks.' },
    ]);
  });

  it('what is taken out is not remembered, and what is not there is no matter', () => {
    const history = new ConversationHistory();
    history.addUser(1, 'A coffee.');
    history.setHeard(heard(0, 'Sure.'));
    history.addMessage({ id: 'a', role: 'user', text: 'And a tea.' });
    history.forget({ turn: 1 });
    history.forget({ message: 'b' });
    expect(history.messages().map(({ text }) => text)).toEqual(['Sure.', 'And a tea.']);
    history.forget({ reply: 0 });
    history.forget({ message: 'a' });
    expect(history.messages()).toEqual([]);
  });

  it('a reply that was cut off ends where the caller stopped hearing it', () => {
    const history = new ConversationHistory();
    history.setHeard(heard(0, 'We have tea,', { complete: false, generated: 'We have tea, coffee and milk.' }));
    expect(history.messages()).toEqual([{ role: 'assistant', text: 'We have tea,…' }]);
    expect(history.items[0]).toMatchObject({ generated: 'We have tea, coffee and milk.' });
  });

  it('a later word on the same reply amends it in its place', () => {
    const history = new ConversationHistory();
    history.setHeard(heard(0, 'We have tea, coffee'));
    history.addUser(1, 'Tea.');
    history.setHeard(heard(0, 'We have', { complete: false, heardBasis: 'truncated' }));
    expect(history.items.map((item) => item.text)).toEqual(['We have', 'Tea.']);
  });

  it('a caller who went on before anything was heard said one thing', () => {
    const history = new ConversationHistory();
    history.addUser(1, 'A coffee.');
    history.setHeard(heard(0, '', { complete: false }));
    history.addUser(2, 'With milk.');
    expect(history.messages()).toEqual([{ role: 'user', text: 'A coffee. With milk.' }]);
  });
});
