import { createHash, timingSafeEqual } from 'node:crypto';
import type { Access } from '../platform/access/access.js';
import { ParleyError } from '../ports/errors.js';

/** One key opens every door, or none is asked for. Nothing is counted. */
export function oneKeyAccess(apiKey: string | undefined): Access {
  return {
    required: apiKey !== undefined,
    async enter(credentials) {
      if (apiKey !== undefined && !credentials.some((credential) => same(credential, apiKey)))
        throw new ParleyError('The key is missing or wrong; send it as "Authorization: Bearer KEY".', {
          code: 'access.unauthorized',
          status: 401,
        });
      return { keyId: undefined, leave: async () => {}, use: async () => {} };
    },
  };
}

/** Takes the same time wherever the two differ. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
