/** The server keeps at most 80 ms ahead; the rest of the room is for servers that send a reply in one go. */
const capacitySeconds = 60;
/** Short enough not to be heard as speech going on, long enough not to click. */
const fadeSeconds = 0.005;
const reportSeconds = 0.04;

/**
 * A ring buffer that plays what it has at once and tells which item each played sample belonged to.
 * In: `{ type: 'audio', item, samples }`, `{ type: 'flush', flush }`.
 * Out: `{ type: 'report', played: [item, samples][], queuedSamples, peak, ranDry, droppedSamples }` about every 40 ms while
 * something plays, and `{ type: 'flushed', flush, played, droppedSamples }`.
 */
class PlaybackProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Float32Array(Math.round(capacitySeconds * sampleRate));
    this.readAt = 0;
    this.queued = 0;
    this.segments = [];
    this.played = new Map();
    this.peak = 0;
    this.ranDry = 0;
    this.dropped = 0;
    this.sinceReport = 0;
    this.wasPlaying = false;
    this.fade = undefined;
    this.port.onmessage = ({ data }) => {
      if (data.type === 'audio') this.enqueue(data.item, data.samples);
      if (data.type === 'flush') this.flush(data.flush);
    };
  }

  enqueue(item, samples) {
    const room = this.ring.length - this.queued;
    const kept = Math.min(room, samples.length);
    this.dropped += samples.length - kept;
    if (kept === 0) return;
    const writeAt = (this.readAt + this.queued) % this.ring.length;
    const first = Math.min(kept, this.ring.length - writeAt);
    this.ring.set(samples.subarray(0, first), writeAt);
    this.ring.set(samples.subarray(first, kept), 0);
    this.queued += kept;
    const last = this.segments.at(-1);
    if (last?.item === item) last.samples += kept;
    else this.segments.push({ item, samples: kept });
  }

  flush(flush) {
    const tail = new Float32Array(Math.min(this.queued, Math.round(fadeSeconds * sampleRate)));
    for (let i = 0; i < tail.length; i++) {
      tail[i] = this.ring[(this.readAt + i) % this.ring.length] * (1 - i / tail.length);
    }
    this.fade = { samples: tail, at: 0 };
    const droppedSamples = this.queued;
    this.queued = 0;
    this.segments = [];
    this.wasPlaying = false;
    this.port.postMessage({ type: 'flushed', flush, played: this.takePlayed(), droppedSamples });
  }

  takePlayed() {
    const played = [...this.played];
    this.played = new Map();
    return played;
  }

  process(_inputs, outputs) {
    const channel = outputs[0][0];
    const count = Math.min(channel.length, this.queued);
    for (let i = 0; i < count; i++) {
      const sample = this.ring[this.readAt];
      this.readAt = this.readAt + 1 === this.ring.length ? 0 : this.readAt + 1;
      channel[i] = sample;
      this.peak = Math.max(this.peak, Math.abs(sample));
    }
    this.queued -= count;
    this.account(count);
    this.playFade(channel);
    for (let copy = 1; copy < outputs[0].length; copy++) outputs[0][copy].set(channel);
    this.report(channel.length, count);
    return true;
  }

  account(count) {
    let left = count;
    while (left > 0 && this.segments.length > 0) {
      const segment = this.segments[0];
      const taken = Math.min(left, segment.samples);
      this.played.set(segment.item, (this.played.get(segment.item) ?? 0) + taken);
      segment.samples -= taken;
      left -= taken;
      if (segment.samples === 0) this.segments.shift();
    }
  }

  playFade(channel) {
    if (this.fade === undefined) return;
    const { samples, at } = this.fade;
    const count = Math.min(channel.length, samples.length - at);
    for (let i = 0; i < count; i++) channel[i] += samples[at + i];
    this.fade = at + count < samples.length ? { samples, at: at + count } : undefined;
  }

  report(blockSamples, playedSamples) {
    const full = playedSamples === blockSamples;
    const ranDry = this.wasPlaying && !full;
    if (ranDry) this.ranDry += 1;
    this.wasPlaying = full;
    this.sinceReport += blockSamples;
    if (this.played.size === 0 || (this.sinceReport < reportSeconds * sampleRate && !ranDry)) return;
    this.port.postMessage({
      type: 'report',
      played: this.takePlayed(),
      queuedSamples: this.queued,
      peak: this.peak,
      ranDry: this.ranDry,
      droppedSamples: this.dropped,
    });
    this.sinceReport = 0;
    this.peak = 0;
  }
}

registerProcessor('parley-playback', PlaybackProcessor);
