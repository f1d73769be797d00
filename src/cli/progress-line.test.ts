import { describe, expect, it } from 'vitest';
import { createProgressLine } from './progress-line.js';

function recorder(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const line = createProgressLine({ isTTY, write: (text: string) => written.push(text) }, 'transcribing', () => now);
  const at = (ms: number) => {
    now = ms;
    return line;
  };
  return { written, at };
}

describe('progress of a piece of work', () => {
  it('is silent for work of less than two seconds', () => {
    const { written, at } = recorder(false);
    at(1_900).update(59_000, 60_000);
    at(1_950).close();
    expect(written).toEqual([]);
  });

  it('is a line every five seconds where there is no terminal', () => {
    const { written, at } = recorder(false);
    for (let ms = 0; ms <= 12_000; ms += 500) at(ms).update(ms * 60, 3_600_000);
    expect(written).toEqual([
      'transcribing: 2:00 of 1:00:00, 3 %, 0:58 left\n',
      'transcribing: 7:00 of 1:00:00, 11 %, 0:53 left\n',
      'transcribing: 12:00 of 1:00:00, 20 %, 0:48 left\n',
    ]);
  });

  it('is one line on a terminal, which is gone at the end', () => {
    const { written, at } = recorder(true);
    at(3_000).update(30_000, 60_000);
    at(3_100).update(31_000, 60_000);
    at(3_300).close();
    expect(written).toEqual(['\r\x1b[2Ktranscribing: 0:30 of 1:00, 50 %, 0:03 left', '\r\x1b[2K']);
  });
});
