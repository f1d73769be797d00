import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveStudio } from './studio-files.js';

describe('the studio files', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'parley-studio-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('are served with a policy that allows no script but theirs, and a nonce that is new each time', async () => {
    await mkdir(join(dir, 'assets'));
    await writeFile(join(dir, 'index.html'), '<script nonce="__CSP_NONCE__" src="/assets/a.js"></script>');
    await writeFile(join(dir, 'assets/a.js'), '1');
    await writeFile(join(dir, 'secrets.txt'), 'not a file of a page');
    const server = fastify();
    await serveStudio(server, dir);
    const pages = await Promise.all([server.inject('/'), server.inject('/')]);
    const nonces = pages.map(({ body, headers }) => {
      const nonce = /nonce="([\w+/=]{20,})"/.exec(body)?.[1] ?? '';
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain(`style-src 'self' 'nonce-${nonce}';`);
      expect(policy).not.toContain('unsafe');
      expect(headers['cache-control']).toBe('no-store');
      return nonce;
    });
    expect(new Set(nonces).size).toBe(2);
    const script = await server.inject('/assets/a.js');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringContaining('immutable'),
    });
    for (const path of ['/secrets.txt', '/index.html', '/assets/../secrets.txt', '/%2e%2e/package.json'])
      expect((await server.inject(path)).statusCode).toBe(404);
  });

  it('that were never built are named with what builds them', async () => {
    const server = fastify();
    await serveStudio(server, join(dir, 'nowhere'));
    const { statusCode, body } = await server.inject('/');
    expect(statusCode).toBe(404);
    expect(body).toContain('npm run build');
  });
});
