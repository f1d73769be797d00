import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type FetchFileOptions, fetchFile } from './fetch-file.js';
import { isPublicAddress } from './public-address.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fetched = (url: string, options: Partial<FetchFileOptions> = {}): Promise<Uint8Array> =>
  fetchFile(url, { maxBytes: 1_000, signal: new AbortController().signal, allowPrivate: true, ...options });

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.20.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.1.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:1::1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    'localhost',
    '',
  ])('of this computer, its network or nobody is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '172.15.0.1', '172.32.0.1', '93.184.216.34', '2606:4700:4700::1111', '2a00:1450:4001::1'])(
    'of a host on the internet is public: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('a file that a client names', () => {
  it('is read, also where it is led to', async () => {
    const base = await serve(({ url }, response) => {
      if (url === '/here') response.writeHead(302, { location: '/there' }).end();
      else response.end('sound');
    });
    expect(Buffer.from(await fetched(`${base}/there`)).toString()).toBe('sound');
    expect(Buffer.from(await fetched(`${base}/here`)).toString()).toBe('sound');
  });

  it.each(['ftp://example.org/a', 'file:///etc/passwd', 'http://me:secret@example.org/', 'no url', 'http://'])(
    'is refused at what is no web address: %s',
    async (url) => {
      await expect(fetched(url)).rejects.toMatchObject({ code: 'fetch.url', status: 400 });
    },
  );

  it.each(['http://127.0.0.1/', 'http://[::1]/', 'http://0x7f.1/', 'http://2130706433/', 'http://localhost/'])(
    'is not looked for on this computer, however it is called: %s',
    async (url) => {
      await expect(fetched(url, { allowPrivate: false })).rejects.toMatchObject({ code: 'fetch.private', status: 400 });
    },
  );

  it('is refused when it is larger than it may be, whether that is announced or not', async () => {
    const announced = await serve((_request, response) => response.writeHead(200, { 'content-length': 5_000 }).end());
    const streamed = await serve((_request, response) => {
      response.write(Buffer.alloc(900));
      setTimeout(() => response.write(Buffer.alloc(900)), 5);
    });
    for (const base of [announced, streamed])
      await expect(fetched(base)).rejects.toMatchObject({ code: 'fetch.too_large', status: 413 });
  });

  it('is given up when it does not come, leads nowhere, or is not there', async () => {
    const silent = await serve(() => {});
    await expect(fetched(silent, { limits: { answerMs: 20 } })).rejects.toMatchObject({ code: 'fetch.timeout' });
    const slow = await serve((_request, response) => void response.write('a'));
    await expect(fetched(slow, { limits: { idleMs: 20 } })).rejects.toMatchObject({ code: 'fetch.timeout' });
    await expect(fetched(slow, { limits: { totalMs: 20 } })).rejects.toMatchObject({ code: 'fetch.timeout' });
    const circle = await serve((_request, response) => response.writeHead(302, { location: '/' }).end());
    await expect(fetched(circle)).rejects.toMatchObject({ code: 'fetch.failed', message: /more than 3/ });
    const gone = await serve((_request, response) => response.writeHead(404).end());
    await expect(fetched(gone)).rejects.toMatchObject({ code: 'fetch.failed', message: /status 404/ });
    await expect(fetched('http://127.0.0.1:1/')).rejects.toMatchObject({
      code: 'fetch.failed',
      message: /ECONNREFUSED/,
    });
  });

  it('is not waited for when nobody wants it any more', async () => {
    const silent = await serve(() => {});
    const abort = new AbortController();
    const reading = fetched(silent, { signal: abort.signal });
    abort.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
  });
});
