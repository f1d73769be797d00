import { type PlaybackReport, type PlaybackRequest, playbackProcessor } from './worklet-messages.js';

/** The server keeps at most 80 ms ahead; the rest of the room is for servers that send a reply in one go. */
const capacitySeconds = 60;
/** Short enough not to be heard as speech going on, long enough not to click. */
const fadeSeconds = 0.005;
const reportSeconds = 0.04;

/**
 * A ring buffer that plays what it has at once and tells which item each played sample belonged to: about every 40 ms
 * while something plays, and after each flush.
 */
class PlaybackProcessor extends AudioWorkletProcessor {
  readonly #ring = new Float32Array(Math.round(capacitySeconds * sampleRate));
  #readAt = 0;
  #queued = 0;
  #segments: { readonly item: string; samples: number }[] = [];
  #played = new Map<string, number>();
  #peak = 0;
  #ranDry = 0;
  #dropped = 0;
  #sinceReport = 0;
  #wasPlaying = false;
  #fade: Float32Array = new Float32Array(0);

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<PlaybackRequest>) => {
      if (data.type === 'audio') this.#enqueue(data.item, data.samples);
      else this.#flush(data.flush);
    };
  }

  process(_inputs: Float32Array<ArrayBuffer>[][], outputs: Float32Array<ArrayBuffer>[][]): boolean {
    const [channel, ...copies] = outputs[0] ?? [];
    if (channel === undefined) return true;
    const count = Math.min(channel.length, this.#queued);
    for (let i = 0; i < count; i++) {
      const sample = this.#ring[this.#readAt] as number;
      this.#readAt = this.#readAt + 1 === this.#ring.length ? 0 : this.#readAt + 1;
      channel[i] = sample;
      this.#peak = Math.max(this.#peak, Math.abs(sample));
    }
    this.#queued -= count;
    this.#account(count);
    this.#playFade(channel);
    for (const copy of copies) copy.set(channel);
    this.#report(channel.length, count);
    return true;
  }

  #enqueue(item: string, samples: Float32Array): void {
    const kept = Math.min(this.#ring.length - this.#queued, samples.length);
    this.#dropped += samples.length - kept;
    if (kept === 0) return;
    const writeAt = (this.#readAt + this.#queued) % this.#ring.length;
    const first = Math.min(kept, this.#ring.length - writeAt);
    this.#ring.set(samples.subarray(0, first), writeAt);
    this.#ring.set(samples.subarray(first, kept), 0);
    this.#queued += kept;
    const last = this.#segments.at(-1);
    if (last?.item === item) last.samples += kept;
    else this.#segments.push({ item, samples: kept });
  }

  #flush(flush: number): void {
    const tail = new Float32Array(Math.min(this.#queued, Math.round(fadeSeconds * sampleRate)));
    for (let i = 0; i < tail.length; i++) {
      tail[i] = (this.#ring[(this.#readAt + i) % this.#ring.length] as number) * (1 - i / tail.length);
    }
    this.#fade = tail;
    const droppedSamples = this.#queued;
    this.#queued = 0;
    this.#segments = [];
    this.#wasPlaying = false;
    this.#send({ type: 'flushed', flush, played: this.#takePlayed(), droppedSamples });
  }

  #takePlayed(): [string, number][] {
    const played = [...this.#played];
    this.#played = new Map();
    return played;
  }

  #account(count: number): void {
    let left = count;
    while (left > 0) {
      const segment = this.#segments[0];
      if (segment === undefined) return;
      const taken = Math.min(left, segment.samples);
      this.#played.set(segment.item, (this.#played.get(segment.item) ?? 0) + taken);
      segment.samples -= taken;
      left -= taken;
      if (segment.samples === 0) this.#segments.shift();
    }
  }

  #playFade(channel: Float32Array): void {
    const count = Math.min(channel.length, this.#fade.length);
    for (let i = 0; i < count; i++) channel[i] = (channel[i] as number) + (this.#fade[i] as number);
    this.#fade = this.#fade.subarray(count);
  }

  #report(blockSamples: number, playedSamples: number): void {
    const full = playedSamples === blockSamples;
    const ranDry = this.#wasPlaying && !full;
    if (ranDry) this.#ranDry += 1;
    this.#wasPlaying = full;
    this.#sinceReport += blockSamples;
    if (this.#played.size === 0 || (this.#sinceReport < reportSeconds * sampleRate && !ranDry)) return;
    this.#send({
      type: 'report',
      played: this.#takePlayed(),
      queuedSamples: this.#queued,
      peak: this.#peak,
      ranDry: this.#ranDry,
      droppedSamples: this.#dropped,
    });
    this.#sinceReport = 0;
    this.#peak = 0;
  }

  #send(report: PlaybackReport): void {
    this.port.postMessage(report);
  }
}

registerProcessor(playbackProcessor, PlaybackProcessor);
