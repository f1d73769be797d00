import { Output, type OutputFormat, StreamTarget } from 'mediabunny';

/** A container that is written from front to back, and what of it is there to be sent. */
export type PacketStream = {
  readonly output: Output;
  /** What has been written since it was asked last. */
  taken(): Uint8Array | undefined;
};

export function packetStream(format: OutputFormat): PacketStream {
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
  return {
    output: new Output({ format, target }),
    taken() {
      if (written.length === 0) return undefined;
      const bytes = Buffer.concat(written);
      written = [];
      return bytes;
    },
  };
}
