import { ParleyError } from '../../ports/errors.js';

const windowMs = 60_000;
/** When somebody will leave cannot be told. */
const tooManyRetryMs = 1_000;
/** Keys whose limits are remembered before those that are idle are forgotten. */
const maxRemembered = 1_000;

export type KeyLimits = {
  /** In any 60 s. Undefined: no limit. */
  readonly requestsPerMinute: number | undefined;
  /** Undefined: no limit. */
  readonly maxConcurrent: number | undefined;
};

/**
 * How often each key comes and how many are in at once, on this node. The minute slides: in no 60 seconds are there more
 * requests than the limit, and one that is refused does not count.
 */
export class LimitBook {
  readonly #nowMs: () => number;
  readonly #pages = new Map<string, Page>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * @returns gives the place back; idempotent
   * @throws ParleyError `access.too_many`, `access.rate_limited`
   */
  enter(keyId: string, limits: KeyLimits): () => void {
    const page = this.#page(keyId);
    const { requestsPerMinute, maxConcurrent } = limits;
    if (maxConcurrent !== undefined && page.inside >= maxConcurrent)
      throw new ParleyError(
        `This key is in use ${page.inside} times, and may be ${maxConcurrent} times at once; try again when one has ended.`,
        { code: 'access.too_many', retryable: true, status: 429, retryAfterMs: tooManyRetryMs },
      );
    if (requestsPerMinute !== undefined) {
      const waitMs = page.requests.waitMs(requestsPerMinute, this.#nowMs());
      if (waitMs > 0)
        throw new ParleyError(
          `This key may be used ${requestsPerMinute} times a minute, and has been; try again in ${Math.ceil(waitMs / 1_000)} s.`,
          { code: 'access.rate_limited', retryable: true, status: 429, retryAfterMs: Math.ceil(waitMs) },
        );
      page.requests.add(requestsPerMinute, this.#nowMs());
    }
    page.inside += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      page.inside -= 1;
    };
  }

  #page(keyId: string): Page {
    const known = this.#pages.get(keyId);
    if (known) return known;
    if (this.#pages.size >= maxRemembered) this.#forgetIdle();
    const page: Page = { inside: 0, requests: new LastRequests() };
    this.#pages.set(keyId, page);
    return page;
  }

  #forgetIdle(): void {
    const nowMs = this.#nowMs();
    for (const [keyId, { inside, requests }] of this.#pages)
      if (inside === 0 && requests.newestMs <= nowMs - windowMs) this.#pages.delete(keyId);
  }
}

type Page = { inside: number; readonly requests: LastRequests };

/** When the last `limit` requests came, in a ring. */
class LastRequests {
  #ring: number[] = [];
  #next = 0;
  newestMs = Number.NEGATIVE_INFINITY;

  /** How long until one more is within the limit; 0: now. */
  waitMs(limit: number, nowMs: number): number {
    this.#resize(limit);
    // The one that came `limit` requests ago.
    const oldest = this.#ring.length < limit ? Number.NEGATIVE_INFINITY : (this.#ring[this.#next] ?? 0);
    return Math.max(0, oldest + windowMs - nowMs);
  }

  add(limit: number, nowMs: number): void {
    this.newestMs = nowMs;
    if (this.#ring.length < limit) {
      this.#ring.push(nowMs);
      return;
    }
    this.#ring[this.#next] = nowMs;
    this.#next = (this.#next + 1) % limit;
  }

  /** The limit has changed: the newest stay, in their order. */
  #resize(limit: number): void {
    if (this.#ring.length < limit && this.#next === 0) return;
    if (this.#ring.length === limit) return;
    this.#ring = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)].slice(-limit);
    this.#next = 0;
  }
}
