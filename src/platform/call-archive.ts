import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type CallLimits, callLimits } from './call-limits.js';

/** What is kept of one call: its folder holds `events.jsonl`, `recording.wav` and `summary.json`. */
export type CallFiles = {
  readonly dir: string;
  readonly events: { readonly write: (line: string) => void };
  readonly recording: { readonly write: (bytes: Uint8Array) => void };
  /** Resolves when everything is on disk, the summary last. Never rejects: `failed` says what went wrong. */
  readonly close: (summary?: string) => Promise<void>;
  /** Why something of the call is missing on disk. */
  readonly failed: () => Error | undefined;
};

type StorageLimits = Pick<CallLimits, 'maxRecordingBytes' | 'maxEventLogBytes' | 'maxUnwrittenBytes'>;

/** Opens the files of a call under `dataDir/calls/ID`. What cannot be kept is given up, never the call. */
export async function openCallFiles(
  dataDir: string,
  callId: string,
  limits: StorageLimits = callLimits,
): Promise<CallFiles> {
  const dir = join(dataDir, 'calls', callId);
  await mkdir(dir, { recursive: true });
  let failure: Error | undefined;
  const open = (name: string, maxBytes: number): BoundedFile => {
    const stream = createWriteStream(join(dir, name));
    stream.on('error', (error) => {
      failure ??= error;
    });
    return { name, stream, maxBytes, bytes: 0, full: false };
  };
  const events = open('events.jsonl', limits.maxEventLogBytes);
  const recording = open('recording.wav', limits.maxRecordingBytes);
  const giveUp = (file: BoundedFile, why: string): void => {
    file.full = true;
    failure ??= new Error(`${why}; the rest of ${file.name} is not kept`);
  };
  const write = (file: BoundedFile, data: Uint8Array): void => {
    if (file.full || file.stream.errored || file.stream.writableEnded) return;
    const { stream, maxBytes } = file;
    if (file.bytes + data.length > maxBytes) giveUp(file, `it has reached ${maxBytes} bytes`);
    else if (stream.writableLength > limits.maxUnwrittenBytes)
      giveUp(file, `the disk is ${limits.maxUnwrittenBytes} bytes behind`);
    else {
      file.bytes += data.length;
      stream.write(data);
    }
  };
  return {
    dir,
    events: { write: (line) => write(events, Buffer.from(`${line}\n`)) },
    recording: { write: (bytes) => write(recording, bytes) },
    close: async (summary) => {
      await Promise.allSettled([events, recording].map(({ stream }) => finished(stream.end())));
      if (summary === undefined) return;
      await writeFile(join(dir, 'summary.json'), summary).catch((error: Error) => {
        failure ??= error;
      });
    },
    failed: () => failure,
  };
}

type BoundedFile = {
  readonly name: string;
  readonly stream: WriteStream;
  readonly maxBytes: number;
  bytes: number;
  /** Nothing more is written, so that what is there is whole up to its end. */
  full: boolean;
};
