import { describe, expect, it } from 'vitest';
import { defaultOpenerSettings, type Opener, Openers } from './openers.js';
import { isNoncommittal, type OpenerKind, openerKinds, openerTexts } from './think/openers.js';

const all: Opener[] = openerKinds.flatMap((kind: OpenerKind) =>
  openerTexts[kind].map(
    (text): Opener => ({
      kind,
      text,
      pieces: [{ text, samples: new Float32Array(550), rateHz: 1_000, words: [] }],
    }),
  ),
);
const order = "I'd like a large latte.";
const question = 'What time do you open?';

describe('openers of a call', () => {
  it('are used when the reply is expected so late that they put it off by little', () => {
    const openers = new Openers(all, { ...defaultOpenerSettings, expectedReadyMs: 600, expectedWordMs: 200 });
    expect(openers.choose(order, 350)?.text).toBe('Sure,');
    expect(openers.choose(order, 400)).toBeUndefined();
    expect(openers.choose(order, -200)?.text).toBe('Alright,');
  });

  it('are such that any answer may follow when the decision comes before its first word', () => {
    const openers = new Openers(all);
    for (let i = 0; i < 3; i++) openers.readyAfter(900, 350);
    expect(openers.choose(order, 460)?.text).toBe('Sure,');
    for (const said of [order, question, 'It is for my brother Tom.'])
      expect(isNoncommittal(openers.choose(said, 300)?.text ?? '')).toBe(true);
  });

  it('learn from the call how long a reply takes', () => {
    const openers = new Openers(all);
    for (const ms of [200, 300, 210]) openers.readyAfter(ms, 100);
    expect(openers.expectedReadyMs).toBe(210);
    expect(openers.choose(order, 0)).toBeUndefined();
    for (let i = 0; i < 8; i++) openers.readyAfter(900, 250);
    expect(openers.choose(order, 300)).toBeDefined();
  });

  it('are as long as the reply is late, as nearly as can be', () => {
    const lengths = { 'Sure,': 300, 'Of course,': 450, 'Okay, let me see,': 900 };
    const some = Object.entries(lengths).map(
      ([text, ms]): Opener => ({
        kind: 'accept',
        text,
        pieces: [{ text, samples: new Float32Array(ms), rateHz: 1_000, words: [] }],
      }),
    );
    const late = (ms: number) =>
      new Openers(some, { ...defaultOpenerSettings, expectedReadyMs: ms, expectedWordMs: 0 });
    expect(late(600).choose(order, 300)?.text).toBe('Sure,');
    expect(late(750).choose(order, 300)?.text).toBe('Of course,');
    expect(late(1_300).choose(order, 300)?.text).toBe('Okay, let me see,');
  });

  it('never repeat within three turns, and begin at most three turns of five', () => {
    const openers = new Openers(all);
    const heard: (string | undefined)[] = [];
    for (let turn = 0; turn < 40; turn++) {
      const opener = openers.choose(turn % 3 === 0 ? question : order, 0)?.text;
      openers.turnBegan(opener);
      heard.push(opener);
    }
    for (let turn = 0; turn < heard.length; turn++) {
      const five = heard.slice(turn, turn + 5);
      expect(five.filter((text) => text !== undefined).length).toBeLessThanOrEqual(3);
      const [text, ...next] = heard.slice(turn, turn + 4);
      if (text !== undefined) expect(next).not.toContain(text);
    }
    expect(heard.filter((text) => text !== undefined).length).toBeGreaterThan(20);
  });

  it('are not offered where none fits or none is rendered', () => {
    expect(new Openers(all).choose('My dog died.', 0)).toBeUndefined();
    expect(new Openers([]).choose(order, 0)).toBeUndefined();
    expect(new Openers(all, { ...defaultOpenerSettings, enabled: false }).choose(order, 0)).toBeUndefined();
  });
});
