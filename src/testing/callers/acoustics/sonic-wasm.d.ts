/** The part of the package's Emscripten module that we call; it ships no declarations of its own. */
declare module '@echogarden/sonic-wasm' {
  export type SonicModule = {
    /** Replaced whenever the WebAssembly memory grows: read it anew after every call. */
    readonly HEAPF32: Float32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** Returns a stream pointer, 0 on failure. */
    _sonicCreateStream(rateHz: number, channels: number): number;
    _sonicDestroyStream(stream: number): void;
    _sonicSetSpeed(stream: number, speed: number): void;
    _sonicSetPitch(stream: number, pitch: number): void;
    _sonicSetRate(stream: number, rate: number): void;
    _sonicSetQuality(stream: number, quality: number): void;
    /** Returns 1, or 0 when memory is out. */
    _sonicWriteFloatToStream(stream: number, samples: number, count: number): number;
    _sonicFlushStream(stream: number): number;
    /** Returns how many samples were read. */
    _sonicReadFloatFromStream(stream: number, samples: number, most: number): number;
    _sonicSamplesAvailable(stream: number): number;
  };
  const createModule: () => Promise<SonicModule>;

  // biome-ignore lint/style/noDefaultExport: so the package exports it
  export default createModule;
}
