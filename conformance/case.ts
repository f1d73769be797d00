import type { Material } from './material.js';

/** Where the server is, and what may be said to it. */
export type Surroundings = {
  /** `https://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** `wss://127.0.0.1:PORT` */
  readonly socketUrl: string;
  readonly apiKey: string;
  /** The server's certificate, PEM: for clients that do not read NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
  readonly material: Material;
};

/** One call of a client, or a few that belong together. It checks what came back, not only that something did. */
export type ConformanceCase = {
  readonly name: string;
  /** Rejects with what was wrong. `signal` ends when it has taken too long. */
  readonly attempt: (at: Surroundings, signal: AbortSignal) => Promise<void>;
};

/** A program or package of somebody else's, as it is published. */
export type ConformanceClient = {
  readonly name: string;
  /** The version that is used; where it cannot be used here, why not. */
  readonly version: () => Promise<{ readonly version: string } | { readonly unavailable: string }>;
  /** It is fetched by its own package manager first, which tests do not do. */
  readonly fetched?: true;
  readonly cases: readonly ConformanceCase[];
  /** Calls that it offers and that no server can make pass, with the reason. */
  readonly broken?: Readonly<Record<string, string>>;
};

export type Outcome =
  | { readonly client: string; readonly version: string; readonly call: string; readonly passed: true }
  | {
      readonly client: string;
      readonly version: string;
      readonly call: string;
      readonly passed: false;
      readonly reason: string;
    };

/** A client whose calls were not tried. */
export type Skipped = { readonly client: string; readonly unavailable: string };

export type Outcomes = { readonly outcomes: readonly Outcome[]; readonly skipped: readonly Skipped[] };
