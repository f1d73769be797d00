import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, RawServerBase } from 'fastify';
import { openRoute } from '../access/open-route.js';

/** The built studio: of a clone and of an installed package, seen from the sources and from what they compile to. */
const studioDir = fileURLToPath(new URL('../../../dist/studio/', import.meta.url));
/** What the build leaves where the nonce belongs. */
const noncePlaceholder = '__CSP_NONCE__';

const notBuilt =
  'The studio is not built. Run "npm run build" and start the server again. Everything else works without it.\n';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * The studio loads what this server gives it, and nothing else. Its component library writes some of its styles at run
 * time, into elements that carry the nonce.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Serves the studio: its page at `/`, its files beside it. They are read once, when the server starts. */
export async function serveStudio<Raw extends RawServerBase>(
  server: FastifyInstance<Raw>,
  dir = studioDir,
): Promise<void> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  let page: string | undefined;
  for (const entry of names) {
    const type = contentTypes[extname(entry.name)];
    if (!type || !entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(dir, file).split(sep).join('/');
    const body = await readFile(file);
    if (path === 'index.html') page = body.toString('utf8');
    else
      server.get(`/${path}`, openRoute, (_request, reply) =>
        reply
          .header('content-type', type)
          .header('x-content-type-options', 'nosniff')
          // Names in assets/ carry a hash of the content: what has this name never changes.
          .header('cache-control', path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
          .send(body),
      );
  }
  server.get('/', openRoute, (_request, reply) => {
    if (page === undefined) {
      reply.code(404).header('content-type', 'text/plain; charset=utf-8');
      return reply.send(notBuilt);
    }
    const nonce = randomBytes(16).toString('base64');
    return (
      reply
        .header('content-type', contentTypes['.html'])
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        // A nonce that a cache hands out twice is none.
        .header('cache-control', 'no-store')
        .header('content-security-policy', contentSecurityPolicy(nonce))
        .send(page.replaceAll(noncePlaceholder, nonce))
    );
  });
}
