/** What a fetch or a verification is doing to one file. */
export type ModelProgressPhase =
  /** Another process holds the cache; `file` and `source` are empty. */
  | 'waiting'
  | 'connecting'
  | 'downloading'
  | 'extracting'
  | 'verifying'
  /** The file is in its place. */
  | 'done'
  /** This source gave up, for `reason`; the next one follows if there is one. */
  | 'failed';

export type ModelProgress = {
  readonly model: string;
  readonly file: string;
  /** Label of the source: a host, or a package with its version. */
  readonly source: string;
  readonly receivedBytes: number;
  /** Of what is being received: of the archive, where the file comes out of one. */
  readonly totalBytes: number;
  readonly phase: ModelProgressPhase;
  readonly reason?: string;
};

export type OnModelProgress = (progress: ModelProgress) => void;
