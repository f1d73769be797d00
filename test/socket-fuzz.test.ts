import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vitals } from '../bench/support/watched-process.js';
import { between, randomFrom, shuffled } from '../src/testing/seeded-random.js';
import { House } from './support/house.js';
import { houseReply } from './support/house-words.js';
import { frame, RawConnection } from './support/raw-connection.js';
import { type ServedSocket, servedSockets } from './support/sockets.js';

/** Set PARLEY_TEST_SEEDS for more: each goes through all attacks in another order, with other bytes, in some ten seconds a socket. */
const seeds = Array.from({ length: Number(process.env.PARLEY_TEST_SEEDS || 1) }, (_, index) => index + 1);
const apiKey = 'the-key-of-the-house';
/** Sockets that one key may have at once: one that is not given back is missed in the end. */
const mostAtOnce = 6;
const megabyte = 1024 ** 2;
const mostGrowthBytes = 96 * megabyte;
/** With nothing moving for this long, a peer has stopped reading. */
const patienceMs = 300;
const leavesWithinMs = 10_000;

type Random = () => number;
type Means = { readonly connection: RawConnection; readonly spec: ServedSocket; readonly random: Random };
/** Does its worst; resolves when the server has answered as it should. */
type Attack = (means: Means) => Promise<void>;

let house: House;
let key: string;
let before: Vitals;

beforeAll(async () => {
  house = await House.start({ PARLEY_API_KEY: apiKey, PARLEY_MAX_CALLS: '8', PARLEY_LOG_LEVEL: 'warn' });
  const made = await fetch(`${house.http}/v1/parley/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'rubbish', max_concurrent: mostAtOnce }),
  });
  key = ((await made.json()) as { readonly key: string }).key;
  for (let i = 0; i < 3; i++) await house.talk(apiKey);
  before = await house.process.settled();
}, 60_000);
afterAll(() => house?.stop());

const connect = (spec: ServedSocket): Promise<RawConnection> =>
  RawConnection.upgraded(house.port, spec.path, { Authorization: `Bearer ${key}` });

/** A place that has just been left is taken for a moment longer. */
async function connectSoon(spec: ServedSocket): Promise<RawConnection> {
  const deadline = performance.now() + leavesWithinMs;
  for (;;) {
    try {
      return await connect(spec);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const sent = (message: object | Uint8Array): Buffer =>
  message instanceof Uint8Array ? frame(message, { opcode: 2 }) : frame(JSON.stringify(message));
const randomBytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

/** How the dialects say in a message that another was wrong. */
const saysNo = /"(?:type|status)":\s*"(?:\w*error|warning)"/i;

/** An error event, or a close whose code says that the client was wrong, is slow, or asks for too much. */
async function refused(
  { connection }: Means,
  codes: readonly number[] = [1002, 1003, 1007, 1008, 1009],
): Promise<void> {
  let code: number | undefined;
  await connection.until((received) => {
    code = connection.closeCodeSoFar();
    return code !== undefined || saysNo.test(received);
  });
  if (code !== undefined) expect(codes).toContain(code);
}

const closes =
  (bytes: (means: Means) => Uint8Array, ...codes: number[]): Attack =>
  async (means) => {
    means.connection.write(bytes(means));
    expect(codes).toContain(await means.connection.closeCode());
  };

/** Sends for as long as the server reads. @returns how many were taken */
async function sendWhileRead({ connection }: Means, bytes: () => Uint8Array, most: number): Promise<number> {
  let taken = 0;
  while (taken < most && (await connection.writeWhenRead(bytes(), patienceMs))) taken += 1;
  return taken;
}

const attacks: Readonly<Record<string, Attack>> = {
  'JSON that is cut off': async (means) => {
    const { connection, spec, random } = means;
    const whole = JSON.stringify(spec.answered);
    connection.write(frame(whole.slice(0, 1 + Math.floor(random() * (whole.length - 2)))));
    await refused(means);
  },
  'text that is no JSON': async (means) => {
    means.connection.write(frame(randomBytes(means.random, 200).toString('hex')));
    await refused(means);
  },
  'what is not due': async (means) => {
    const { connection, spec, random } = means;
    if (spec.due === 'text') connection.write(frame(randomBytes(random, 500), { opcode: 2 }));
    else connection.write(frame('what is this?'));
    await refused(means);
  },
  'messages with bytes that have been changed': async ({ connection, spec, random }) => {
    const right = Buffer.from(JSON.stringify(spec.answered));
    for (let i = 0; i < 200; i++) {
      const wrong = Buffer.from(right);
      for (let n = between(random, 1, 5); n >= 1; n--)
        wrong[Math.floor(random() * wrong.length)] = 32 + Math.floor(random() * 95);
      connection.write(frame(wrong));
    }
    connection.write(sent(spec.answered));
    await connection.until((received) => received.length > 100 || connection.closeCodeSoFar() !== undefined);
  },
  'ten thousand tiny frames': async (means) => {
    const { connection, random } = means;
    connection.write(
      Buffer.concat(
        Array.from({ length: 10_000 }, () => frame(randomBytes(random, Math.floor(random() * 3)).toString('hex'))),
      ),
    );
    await refused(means);
  },
  'ten thousand fragments of one message': async (means) => {
    const { connection } = means;
    const part = (index: number) => frame('x', { opcode: index === 0 ? 1 : 0, fin: false });
    connection.write(Buffer.concat(Array.from({ length: 10_000 }, (_, index) => part(index))));
    expect([1008, 1009]).toContain(await connection.closeCode());
  },
  'a frame of 100 MB': async (means) => {
    const { connection } = means;
    connection.write(frame('', { announcedBytes: 100 * megabyte, opcode: 2 }));
    // What comes behind the refusal may still be read, and is thrown away; the connection does not last for all of it.
    expect(await sendWhileRead(means, () => Buffer.alloc(megabyte), 100)).toBeLessThan(100);
    // Who is still sending may not get to hear it.
    const code = connection.closeCodeSoFar();
    if (code !== undefined) expect(code).toBe(1009);
  },
  'a message of 100 MB in pieces': async (means) => {
    let index = 0;
    const next = () => frame(Buffer.alloc(64 * 1024, 'x'), { opcode: index++ === 0 ? 1 : 0, fin: false });
    expect(await sendWhileRead(means, next, 1_600)).toBeLessThan(1_600);
  },
  'a reader that has stopped': async (means) => {
    const { connection, spec } = means;
    connection.socket.pause();
    const burst = Buffer.concat(Array.from({ length: 500 }, () => sent(spec.answered)));
    await sendWhileRead(means, () => burst, 60);
  },
  'large messages without an end': async (means) => {
    const large = sent(means.spec.large);
    await sendWhileRead(means, () => large, 60);
  },
  'text that is not UTF-8': closes(() => frame(Buffer.from([0xc3, 0x28])), 1007),
  'no mask': closes(() => frame('{}', { masked: false }), 1002),
  'a reserved bit': closes(() => frame('{}', { reserved: true }), 1002),
  'an opcode that is none': closes(() => frame('', { opcode: 3 }), 1002),
  'a half that is closed': async ({ connection, spec }) => {
    connection.write(sent(spec.answered));
    connection.socket.end();
    await connection.ended();
  },
  'a break in the middle of a frame': async ({ connection, spec, random }) => {
    const whole = sent(spec.large);
    connection.write(whole.subarray(0, 1 + Math.floor(random() * (whole.length - 2))));
    await connection.flushed();
    connection.socket.resetAndDestroy();
  },
};

/** As many as the key may have: one that was not given back is one too few. */
async function allPlaces(spec: ServedSocket): Promise<number> {
  const opened = await Promise.allSettled(Array.from({ length: mostAtOnce }, () => connect(spec)));
  for (const each of opened) if (each.status === 'fulfilled') each.value.socket.resetAndDestroy();
  return opened.filter(({ status }) => status === 'fulfilled').length;
}

describe.each(servedSockets.map((spec) => [spec.path, spec] as const))('%s', (_path, spec) => {
  it.each(seeds)('bears all of it in any order, seed %i', async (seed) => {
    const random = randomFrom(seed);
    for (const [name, attack] of shuffled(random, Object.entries(attacks))) {
      const connection = await connectSoon(spec);
      try {
        for (const message of spec.begin) connection.write(sent(message));
        await attack({ connection, spec, random }).catch((error: unknown) => {
          throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
        });
        expect(await house.health(), name).toBe(200);
      } finally {
        connection.destroy();
      }
    }
    expect(await house.talk(apiKey)).toBe(houseReply);
  });

  it('has kept nothing: no connection, no place of the key, no memory', async () => {
    const noConnection = async (): Promise<void> =>
      expect
        .poll(async () => (await house.process.vitals()).resources.TCPSocketWrap, { timeout: leavesWithinMs })
        .toBeUndefined();
    await noConnection();
    // Whoever has just left is still counted for a moment.
    await expect.poll(() => allPlaces(spec), { timeout: leavesWithinMs, interval: 500 }).toBe(mostAtOnce);
    await noConnection();
    // The allocator gives back large pages a moment after they are free.
    const grownBytes = async (): Promise<number> => (await house.process.settled()).rssBytes - before.rssBytes;
    await expect.poll(grownBytes, { timeout: leavesWithinMs, interval: 500 }).toBeLessThan(mostGrowthBytes);
    const now = await house.process.settled();
    expect(now.heapBytes / before.heapBytes).toBeLessThan(2);
    expect(house.process.output).not.toMatch(/MaxListenersExceeded|unhandled|connection failed|socket failed/i);
  });
});
