import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

/** What is kept of one call: its folder holds `events.jsonl` and `recording.wav`. */
export type CallFiles = {
  readonly dir: string;
  readonly events: { readonly write: (line: string) => void };
  readonly recording: { readonly write: (bytes: Uint8Array) => void };
  /** Resolves when everything is on disk. Never rejects: `failed` says what went wrong. */
  readonly close: () => Promise<void>;
  readonly failed: () => Error | undefined;
};

/** A disk that cannot keep up: beyond this the rest of the recording is given up, the call is not. */
const maxBufferedBytes = 32 * 1024 * 1024;

/** Opens the files of a call under `dataDir/calls/ID`. */
export async function openCallFiles(dataDir: string, callId: string): Promise<CallFiles> {
  const dir = join(dataDir, 'calls', callId);
  await mkdir(dir, { recursive: true });
  let failure: Error | undefined;
  const open = (name: string): WriteStream => {
    const stream = createWriteStream(join(dir, name));
    stream.on('error', (error) => {
      failure ??= error;
    });
    return stream;
  };
  const events = open('events.jsonl');
  const recording = open('recording.wav');
  const write = (stream: WriteStream, data: string | Uint8Array): void => {
    if (failure || stream.writableEnded) return;
    if (stream.writableLength > maxBufferedBytes) {
      failure = new Error(`the disk is ${maxBufferedBytes} bytes behind; the rest of this call is not kept`);
      return;
    }
    stream.write(data);
  };
  return {
    dir,
    events: { write: (line) => write(events, `${line}\n`) },
    recording: { write: (bytes) => write(recording, bytes) },
    close: async () => {
      await Promise.allSettled([events, recording].map((stream) => finished(stream.end())));
    },
    failed: () => failure,
  };
}
