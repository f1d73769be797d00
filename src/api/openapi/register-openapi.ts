import type { FastifyInstance, RawServerBase } from 'fastify';
import { openRoute } from '../access/open-route.js';
import { docsPage } from './docs-page.js';
import { docsScript, docsStyle } from './docs-script.js';
import { openApiDocument } from './document.js';
import { documentedRoutes } from './documented-routes.js';

/** The page loads what this server gives it, and nothing else. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'media-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json`, and `/docs` to read it and try it. */
export function registerOpenApi<Raw extends RawServerBase>(server: FastifyInstance<Raw>): void {
  const document = openApiDocument(documentedRoutes);
  const page = docsPage(document);
  server.get('/openapi.json', openRoute, () => document);
  const files: readonly (readonly [path: string, type: string, body: string])[] = [
    ['/docs', 'text/html; charset=utf-8', page],
    ['/docs/docs.js', 'text/javascript; charset=utf-8', docsScript],
    ['/docs/docs.css', 'text/css; charset=utf-8', docsStyle],
  ];
  for (const [path, type, body] of files)
    server.get(path, openRoute, (_request, reply) =>
      reply
        .header('content-type', type)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-cache')
        .header('content-security-policy', contentSecurityPolicy)
        .send(body),
    );
}
