import { describe, expect, it } from 'vitest';
import { redact } from './redact.js';
import { redactionCases } from './redaction-cases.js';

type Labelled = { readonly words: readonly string[]; readonly spans: readonly string[] };

/** "{PHONE: 555 0134}" as the span "PHONE 1-3" of the words. */
function labelled(marked: string): Labelled {
  const words: string[] = [];
  const spans: string[] = [];
  for (const part of marked.split(/(\{[A-Z_]+: [^}]*\}\S*)/)) {
    const [, what, inside, behind = ''] = /^\{([A-Z_]+): ([^}]*)\}(\S*)$/.exec(part) ?? [];
    const said = `${inside ?? part}${behind}`.split(/\s+/).filter(Boolean);
    if (what) spans.push(`${what} ${words.length}-${words.length + said.length}`);
    words.push(...said);
  }
  return { words, spans };
}

function found(said: readonly string[]): string[] {
  const words = said.map((text, index) => ({ text, startMs: index, endMs: index + 1, confidence: 1 }));
  return redact(words, ['pii', 'pci']).flatMap(({ text, startMs, endMs }) => {
    const what = /^\[([A-Z_]+)\]/.exec(text)?.[1];
    return what ? [`${what} ${startMs}-${endMs}`] : [];
  });
}

describe('redaction', () => {
  it('finds what is labelled, and little else', () => {
    let right = 0;
    let wanted = 0;
    let said = 0;
    const mistakes: string[] = [];
    for (const marked of redactionCases) {
      const { words, spans } = labelled(marked);
      const given = found(words);
      right += spans.filter((span) => given.includes(span)).length;
      wanted += spans.length;
      said += given.length;
      if (spans.join() !== given.join()) mistakes.push(`${marked} → ${given.join(', ') || 'nothing'}`);
    }
    console.log(
      `redaction, ${redactionCases.length} sentences: precision ${right}/${said}, recall ${right}/${wanted}`,
      mistakes,
    );
    expect(right / said).toBeGreaterThanOrEqual(0.95);
    expect(right / wanted).toBeGreaterThanOrEqual(0.95);
  });

  it('takes only what it is asked for, and a card for no phone', () => {
    const words = '4111 1111 1111 1111 or 415-555-0134'.split(' ').map((text, at) => ({
      text,
      startMs: at * 100,
      endMs: at * 100 + 90,
      confidence: 1 - at / 10,
    }));
    expect(redact(words, ['pci']).map(({ text }) => text)).toEqual(['[CARD]', 'or', '415-555-0134']);
    expect(redact(words, ['pii']).map(({ text }) => text)).toEqual([...'4111 1111 1111 1111 or'.split(' '), '[PHONE]']);
    expect(redact(words, ['pci'])[0]).toMatchObject({ startMs: 0, endMs: 390, confidence: 0.7 });
  });
});
