import { type AudioSource, Output, type OutputFormat, StreamTarget } from 'mediabunny';

/**
 * A container with one track that is sent while it is made: after each step of `fill`, which adds to the track, what can be
 * sent by then. A file without a packet cannot be written: where there was no step, there is nothing.
 */
export async function* packetStream(
  format: OutputFormat,
  track: AudioSource,
  fill: AsyncIterable<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let written: Uint8Array[] = [];
  let endBytes = 0;
  const target = new StreamTarget(
    new WritableStream({
      write: ({ data, position }) => {
        // What has been sent cannot be changed any more.
        if (position !== endBytes) return;
        endBytes += data.length;
        written.push(data.slice());
      },
    }),
  );
  function* taken(): Generator<Uint8Array, void, undefined> {
    if (written.length === 0) return;
    const bytes = Buffer.concat(written);
    written = [];
    yield bytes;
  }
  const output = new Output({ format, target });
  output.addAudioTrack(track);
  let filled = false;
  let finished = false;
  try {
    await output.start();
    for await (const _step of fill) {
      filled = true;
      yield* taken();
    }
    if (!filled) return;
    await output.finalize();
    finished = true;
    yield* taken();
  } finally {
    if (!finished) await output.cancel();
  }
}
