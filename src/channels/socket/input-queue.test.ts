import { describe, expect, it } from 'vitest';
import type { TransportInput } from '../../ports/transport.js';
import { InputQueue } from './input-queue.js';

const ramp = (from: number, count: number) => Float32Array.from({ length: count }, (_, i) => from + i);

/** Reads until `closed`; calls every barrier. */
async function readAll(queue: InputQueue, onInput: (input: TransportInput) => void = () => {}): Promise<number[]> {
  const samples: number[] = [];
  for await (const input of queue) {
    onInput(input);
    if (input.type === 'audio') samples.push(...input.frame.samples);
    if (input.type === 'barrier') input.reached();
  }
  return samples;
}

describe('the input queue', () => {
  it('hands over all samples in order, in pieces of at most 100 ms', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 10_000 });
    queue.push(ramp(0, 1_234));
    queue.push(ramp(1_234, 66));
    queue.barrier(() => queue.end('done'));
    const sizes: number[] = [];
    const samples = await readAll(queue, (input) => {
      if (input.type === 'audio') sizes.push(input.frame.samples.length);
    });
    expect(samples).toEqual([...ramp(0, 1_300)]);
    expect(sizes).toEqual(Array.from({ length: 13 }, () => 100));
    expect(queue.takenSamples).toBe(1_300);
  });

  it('copies: what the writer does with its array afterwards is not heard', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 100 });
    const samples = ramp(1, 3);
    queue.push(samples);
    samples.fill(9);
    queue.barrier(() => queue.end('done'));
    expect(await readAll(queue)).toEqual([1, 2, 3]);
  });

  it('packs tiny frames together', async () => {
    const queue = new InputQueue({ rateHz: 24_000, capacityMs: 1_000 });
    for (let i = 0; i < 4_800; i++) queue.push(ramp(i, 1));
    queue.barrier(() => queue.end('done'));
    let pieces = 0;
    const samples = await readAll(queue, (input) => {
      if (input.type === 'audio') pieces += 1;
    });
    expect(samples).toEqual([...ramp(0, 4_800)]);
    expect(pieces).toBe(2);
  });

  it('takes nothing of a frame that does not fit, and takes it once there is room', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 100 });
    expect(queue.push(ramp(0, 60))).toBe(true);
    expect(queue.push(ramp(60, 41))).toBe(false);
    expect(queue.push(ramp(60, 40))).toBe(true);
    const reading = queue[Symbol.asyncIterator]();
    await reading.next();
    expect(queue.push(ramp(100, 100))).toBe(true);
    await reading.return();
  });

  it('asks the writer to stop at a quarter and to go on at an eighth', async () => {
    const asked: boolean[] = [];
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 2_000, onBackPressure: (full) => asked.push(full) });
    queue.push(ramp(0, 499));
    expect(asked).toEqual([]);
    queue.push(ramp(0, 1));
    queue.push(ramp(0, 100));
    expect(asked).toEqual([true]);
    const reading = queue[Symbol.asyncIterator]();
    for (const left of [500, 400, 300]) {
      await reading.next();
      expect(asked, `${left} ms are left`).toEqual([true]);
    }
    await reading.next();
    expect(asked).toEqual([true, false]);
    queue.push(ramp(0, 500));
    queue.end('left');
    expect(asked).toEqual([true, false, true, false]);
    await reading.return();
  });

  it('gives audio that comes while the reader waits at once', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 100 });
    const reading = queue[Symbol.asyncIterator]();
    const first = reading.next();
    queue.push(ramp(0, 2));
    expect(await first).toMatchObject({ value: { type: 'audio', frame: { rateHz: 1_000, samples: ramp(0, 2) } } });
    await reading.return();
  });

  it('calls a barrier only when the audio before it has been dealt with', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 1_000 });
    const order: string[] = [];
    queue.push(ramp(0, 150));
    queue.barrier(() => order.push('barrier'));
    queue.push(ramp(0, 50));
    queue.barrier(() => queue.end('done'));
    await readAll(queue, (input) => {
      if (input.type === 'audio') order.push(`audio ${input.frame.samples.length}`);
    });
    expect(order).toEqual(['audio 100', 'audio 50', 'barrier', 'audio 50']);
  });

  it('hands over a key in its place among the audio', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 1_000 });
    queue.push(new Float32Array(50));
    expect(queue.key('5')).toBe(true);
    queue.barrier(() => queue.end('done'));
    const order: string[] = [];
    for await (const input of queue) {
      order.push(input.type === 'dtmf' ? `key ${input.digit}` : input.type);
      if (input.type === 'barrier') input.reached();
    }
    expect(order).toEqual(['audio', 'key 5', 'barrier', 'closed']);
  });

  it('refuses barriers without end', () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 1_000 });
    let taken = 0;
    while (taken < 5_000 && queue.barrier(() => {})) taken += 1;
    expect(taken).toBe(1_024);
  });

  it('drops what waits and says why when the far end is gone', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 1_000 });
    queue.push(ramp(0, 500));
    queue.barrier(() => expect.unreachable());
    queue.end('left');
    queue.end('left again');
    expect(queue.push(ramp(0, 5_000))).toBe(true);
    const inputs: TransportInput[] = [];
    await readAll(queue, (input) => inputs.push(input));
    expect(inputs).toEqual([{ type: 'closed', reason: 'left' }]);
  });

  it('lets other work in while a long upload is read', async () => {
    const queue = new InputQueue({ rateHz: 1_000, capacityMs: 20_000 });
    queue.push(ramp(0, 10_000));
    queue.barrier(() => queue.end('done'));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      ticking = setImmediate(count);
    };
    let ticking = setImmediate(count);
    await readAll(queue);
    clearImmediate(ticking);
    expect(turns).toBeGreaterThanOrEqual(9);
  });
});
