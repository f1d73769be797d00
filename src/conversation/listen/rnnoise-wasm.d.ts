/** The part of the package's Emscripten module that we call; it ships no declarations of its own. */
declare module '@echogarden/rnnoise-wasm' {
  export type RnnoiseModule = {
    /** Replaced whenever the WebAssembly memory grows: read it anew after every call. */
    readonly HEAPF32: Float32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** With 0 for the built-in model. Returns a state pointer, 0 on failure. */
    _rnnoise_create(model: number): number;
    _rnnoise_destroy(state: number): void;
    _rnnoise_get_frame_size(): number;
    /** Takes and gives one frame at 48 kHz, at the scale of 16-bit integers; may be in place. Returns how likely it is voice. */
    _rnnoise_process_frame(state: number, output: number, input: number): number;
  };
  const createModule: () => Promise<RnnoiseModule>;

  // biome-ignore lint/style/noDefaultExport: so the package exports it
  export default createModule;
}
