import { decodePcm16 } from '../../audio/pcm.js';

/** Samples of 16-bit PCM that arrives in pieces of any size. */
export class PcmStream {
  #odd: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): Float32Array {
    const all = this.#odd.length === 0 ? bytes : Buffer.concat([this.#odd, bytes]);
    const whole = all.length - (all.length % 2);
    this.#odd = all.slice(whole);
    return decodePcm16(all.subarray(0, whole));
  }
}
