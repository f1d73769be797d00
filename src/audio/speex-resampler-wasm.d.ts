/** The part of the package's Emscripten module that we call; it ships no declarations of its own. */
declare module '@echogarden/speex-resampler-wasm/simd' {
  export type SpeexResamplerModule = {
    /** Replaced whenever the WebAssembly memory grows: read it anew after every call. */
    readonly HEAPF32: Float32Array;
    readonly HEAPU32: Uint32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** Returns a state pointer, 0 on failure; the error code goes to `errorPointer`. */
    _speex_resampler_init(
      channels: number,
      fromHz: number,
      toHz: number,
      quality: number,
      errorPointer: number,
    ): number;
    _speex_resampler_destroy(state: number): void;
    /** Reads `*inputLength` samples at most and writes `*outputLength` at most; both are set to what was done. */
    _speex_resampler_process_float(
      state: number,
      channel: number,
      input: number,
      inputLength: number,
      output: number,
      outputLength: number,
    ): number;
    _speex_resampler_get_input_latency(state: number): number;
    _speex_resampler_get_output_latency(state: number): number;
    _speex_resampler_skip_zeros(state: number): number;
    _speex_resampler_reset_mem(state: number): number;
  };
  const createModule: () => Promise<SpeexResamplerModule>;

  // biome-ignore lint/style/noDefaultExport: so the package exports it
  export default createModule;
}
