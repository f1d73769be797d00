import { type AudioFrame, durationMs } from '../../audio/frame.js';
import { createResampler, type Resampler } from '../../audio/resample.js';
import {
  EventLog,
  type EventLogHeader,
  type EventLogNote,
  type HeldNote,
  isHeldNote,
  type MessageWritten,
  type ToolAnswered,
} from '../../conversation/event-log.js';
import { ArrivalMap } from '../../conversation/listen/arrival-map.js';
import { CallRecorder, recordingRateHz } from '../../conversation/recording.js';
import type { SessionEvent, TurnMarks } from '../../conversation/session-events.js';
import type { Clock } from '../../ports/clock.js';
import type { CallFiles } from '../call-archive.js';

/** A caller who sends nothing for so long is silent; less is a network that stumbles. Chosen, not measured. */
const silentAfterMs = 1_000;

export type CallRecordOptions = {
  /** Called last: a file that is open has nobody to close it when something else fails. */
  readonly openFiles: () => Promise<CallFiles>;
  readonly header: EventLogHeader;
  readonly clock: Clock;
  /** Of what the agent is heard with. */
  readonly outputRateHz: number;
};

/**
 * What is kept of a call that a realtime model holds: both channels, and as notes what was said, called, heard and measured.
 * Times of the model count the audio that it was given. Where the caller sent none the recording has silence, and times in the
 * log have it too.
 */
export class CallRecord {
  readonly files: CallFiles;
  readonly #clock: Clock;
  readonly #recorder: CallRecorder;
  readonly #log: EventLog;
  readonly #arrivals: ArrivalMap;
  readonly #startedMs: number;
  readonly #resampler: Resampler | undefined;
  /** Silence that was put in, by how much audio the model had been given before; all of it. */
  readonly #silences: { readonly afterMs: number; readonly filledMs: number }[] = [];
  #closed = false;
  #givenMs = 0;
  #filledMs = 0;
  #lastMs: number;

  private constructor({ header, clock }: CallRecordOptions, files: CallFiles, resampler: Resampler | undefined) {
    this.files = files;
    this.#clock = clock;
    this.#recorder = new CallRecorder(files.recording);
    this.#log = new EventLog(files.events, header);
    this.#startedMs = clock.nowMs();
    this.#lastMs = this.#startedMs;
    this.#arrivals = new ArrivalMap(this.#startedMs);
    this.#resampler = resampler;
  }

  static async open(options: CallRecordOptions): Promise<CallRecord> {
    const { outputRateHz: fromHz } = options;
    const resampler = fromHz === recordingRateHz ? undefined : await createResampler({ fromHz, toHz: recordingRateHz });
    try {
      return new CallRecord(options, await options.openFiles(), resampler);
    } catch (error) {
      resampler?.close();
      throw error;
    }
  }

  /** Audio that the model is given. */
  async caller(frame: AudioFrame): Promise<void> {
    if (this.#closed) return;
    this.#fill();
    this.#lastMs = this.#clock.nowMs();
    this.#givenMs += durationMs(frame.samples.length, frame.rateHz);
    this.#arrivals.note(this.#atMs, this.#lastMs);
    await this.#recorder.caller(frame);
  }

  /** @param heardAtMs when the first sample is heard, on the clock */
  agent(samples: Float32Array, heardAtMs: number): void {
    if (this.#closed) return;
    this.#fill();
    this.#recorder.agent(this.#resampler?.process(samples) ?? samples, this.#arrivals.audioAt(heardAtMs));
  }

  note(event: SessionEvent): void {
    if (isHeldNote(event) && !this.#closed) this.#write(this.#placed(event));
  }

  /** What the client has put into the conversation. */
  added(note: MessageWritten | ToolAnswered): void {
    if (!this.#closed) this.#write(note);
  }

  /** Idempotent. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#fill();
    const times = { atMs: this.#atMs, seenMs: this.#seenMs };
    this.#log.write(times.atMs, times.seenMs, { type: 'event', event: { type: 'hung-up', ...times, reason } });
    this.#closed = true;
    this.#recorder.close();
    this.#resampler?.close();
  }

  /** How far the recording has come. */
  get #atMs(): number {
    return this.#givenMs + this.#filledMs;
  }

  get #seenMs(): number {
    return this.#clock.nowMs() - this.#startedMs;
  }

  #write(note: EventLogNote): void {
    this.#log.write(this.#atMs, this.#seenMs, { type: 'note', note });
  }

  #fill(): void {
    const nowMs = this.#clock.nowMs();
    const missingMs = nowMs - this.#lastMs;
    if (missingMs < silentAfterMs) return;
    this.#lastMs = nowMs;
    this.#filledMs += missingMs;
    this.#silences.push({ afterMs: this.#givenMs, filledMs: this.#filledMs });
    this.#arrivals.note(this.#atMs, nowMs);
    this.#recorder.silence(missingMs);
  }

  /** Where a position in what the model was given stands in the recording. */
  #recorded(givenMs: number): number {
    return givenMs + (this.#silences.findLast(({ afterMs }) => afterMs < givenMs)?.filledMs ?? 0);
  }

  #placed(event: HeldNote): EventLogNote {
    switch (event.type) {
      case 'speech-started':
        return { ...event, startMs: this.#recorded(event.startMs) };
      case 'speech-paused':
      case 'turn-committed':
        return { ...event, endMs: this.#recorded(event.endMs) };
      case 'turn-measured':
        return { ...event, marks: this.#placedMarks(event.marks) };
      default:
        return event;
    }
  }

  #placedMarks(marks: TurnMarks): TurnMarks {
    const speechEndAudioMs = this.#recorded(marks.speechEndAudioMs);
    const latencyMs = marks.agentOnsetAudioMs - marks.speechEndAudioMs;
    return { ...marks, speechEndAudioMs, agentOnsetAudioMs: speechEndAudioMs + latencyMs };
  }
}
