import { describe, expect, it } from 'vitest';
import type { ModelProgress } from '../models/progress-event.js';
import { createProgressRenderer, formatBytes } from './progress.js';

function harness(isTTY: boolean, columns = 200) {
  let nowMs = 0;
  const written: string[] = [];
  const renderer = createProgressRenderer({ isTTY, columns, write: (text) => written.push(text) }, () => nowMs);
  const base = { model: 'm', file: 'a.bin', source: 'host', totalBytes: 100_000_000 };
  return {
    written,
    renderer,
    at(ms: number, phase: ModelProgress['phase'], receivedBytes: number, reason?: string) {
      nowMs = ms;
      renderer.onProgress({ ...base, phase, receivedBytes, ...(reason === undefined ? {} : { reason }) });
    },
  };
}

describe('progress away from a terminal', () => {
  it('is a line at the start, one every five seconds at most, and one at the end', () => {
    const { at, written } = harness(false);
    at(0, 'connecting', 0);
    for (let ms = 100; ms <= 12_000; ms += 100) at(ms, 'downloading', ms * 1_000);
    at(12_100, 'done', 100_000_000);

    expect(written).toHaveLength(4);
    expect(written[0]).toBe('m/a.bin: connecting from host, 0 % (0.0 kB of 100.0 MB)\n');
    expect(written[1]).toBe('m/a.bin: downloading from host, 5 % (5.0 MB of 100.0 MB) 1.0 MB/s, 2 min left\n');
    expect(written[3]).toBe('m/a.bin: 100.0 MB from host in 12.1 s\n');
  });

  it('does not mention a verification that is over at once', () => {
    const { at, written } = harness(false);
    at(0, 'verifying', 50_000_000);
    at(100, 'verifying', 100_000_000);
    expect(written).toEqual([]);
    at(5_100, 'verifying', 100_000_000);
    expect(written).toHaveLength(1);
  });

  it('tells why a source failed', () => {
    const { at, written } = harness(false);
    at(0, 'failed', 0, 'did not answer within 3 s');
    expect(written).toEqual(['m/a.bin: host: did not answer within 3 s\n']);
  });
});

describe('progress on a terminal', () => {
  it('is one line redrawn in place, no wider than the terminal', () => {
    const { at, written } = harness(true, 60);
    at(0, 'connecting', 0);
    at(1_000, 'downloading', 10_000_000);
    at(2_000, 'downloading', 50_000_000);

    expect(written.every((text) => text.startsWith('\r\x1b[2K') && !text.includes('\n'))).toBe(true);
    expect(written.every((text) => text.length <= 60 + 5)).toBe(true);
    expect(written.at(-1)).toContain('██████████░░░░░░░░░░  50 % 40.0 MB/s, 2 s left');
  });

  it('clears an unfinished bar when closed', () => {
    const { at, renderer, written } = harness(true);
    at(0, 'connecting', 0);
    renderer.close();
    expect(written.at(-1)).toBe('\r\x1b[2K');
  });
});

it('writes sizes in decimal units', () => {
  expect([1_234, 8_679_182, 1_117_320_768].map(formatBytes)).toEqual(['1.2 kB', '8.7 MB', '1.12 GB']);
});
