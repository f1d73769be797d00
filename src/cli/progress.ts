import type { ModelProgress, OnModelProgress } from '../models/progress-event.js';

/** Where progress goes: normally `process.stderr`. */
export type ProgressStream = {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
};

export type ProgressRenderer = {
  readonly onProgress: OnModelProgress;
  /** Leaves the cursor on an empty line. */
  close(): void;
};

const redrawMs = 100;
const lineEveryMs = 5_000;
/** The rate is that of the last seconds: an average since the start would hide a stall. */
const rateWindowMs = 5_000;
const barCells = 20;
const clearLine = '\r\x1b[2K';

/**
 * Renders the progress of models: one line redrawn in place on a terminal; elsewhere a plain line when a source starts,
 * at most every five seconds, and at the end.
 */
export function createProgressRenderer(
  stream: ProgressStream,
  nowMs: () => number = () => performance.now(),
): ProgressRenderer {
  const terminal = stream.isTTY === true;
  let current = '';
  let phase: ModelProgress['phase'] | undefined;
  let startedMs = 0;
  let shownMs = Number.NEGATIVE_INFINITY;
  let samples: { atMs: number; bytes: number }[] = [];
  let open = false;

  const line = (text: string) => {
    stream.write(terminal ? `${open ? clearLine : ''}${text}\n` : `${text}\n`);
    open = false;
  };
  const redraw = (text: string) => {
    stream.write(`${clearLine}${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
    open = true;
  };

  const onProgress: OnModelProgress = (progress) => {
    const now = nowMs();
    const label = `${progress.model}/${progress.file}`;
    if (progress.phase === 'waiting') {
      line(`waiting: ${progress.reason ?? 'another process is fetching models'}`);
      return;
    }
    if (progress.phase === 'failed') {
      line(`${label}: ${progress.source}: ${progress.reason ?? 'failed'}`);
      current = '';
      return;
    }
    const started = `${label} ${progress.source}`;
    if (started !== current) {
      current = started;
      startedMs = now;
      // Verifying is mostly over before anyone could read that it began.
      shownMs = progress.phase === 'verifying' && !terminal ? now : Number.NEGATIVE_INFINITY;
      phase = undefined;
    }
    if (progress.phase === 'done') {
      const seconds = Math.max(0.1, (now - startedMs) / 1000).toFixed(1);
      line(`${label}: ${formatBytes(progress.totalBytes)} from ${progress.source} in ${seconds} s`);
      current = '';
      return;
    }
    const newPhase = progress.phase !== phase;
    if (newPhase) {
      phase = progress.phase;
      samples = [];
    }
    samples.push({ atMs: now, bytes: progress.receivedBytes });
    while (samples.length > 2 && now - (samples[0]?.atMs ?? now) > rateWindowMs) samples.shift();

    const due = now - shownMs >= (terminal ? redrawMs : lineEveryMs);
    if (!due && !(terminal && newPhase)) return;
    shownMs = now;
    const rate = rateOf(samples);
    const text = terminal ? barText(label, progress, rate) : plainText(label, progress, rate);
    if (terminal) redraw(text);
    else line(text);
  };

  return {
    onProgress,
    close() {
      if (open) stream.write(clearLine);
      open = false;
    },
  };
}

/** Bytes in the decimal units that downloads are sold in: `1.12 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e3).toFixed(1)} kB`;
}

function rateOf(samples: readonly { atMs: number; bytes: number }[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.atMs - first.atMs < 200 || last.bytes <= first.bytes) return undefined;
  return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
}

function barText(label: string, progress: ModelProgress, rate: number | undefined): string {
  const share = shareOf(progress);
  const filled = Math.round(share * barCells);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barCells - filled)}`;
  return `${bar} ${percent(share)} ${rateText(progress, rate)}${label} ${verb(progress)}`;
}

function plainText(label: string, progress: ModelProgress, rate: number | undefined): string {
  const sizes = `${formatBytes(progress.receivedBytes)} of ${formatBytes(progress.totalBytes)}`;
  return `${label}: ${verb(progress)}, ${percent(shareOf(progress)).trim()} (${sizes}) ${rateText(progress, rate)}`.trimEnd();
}

function verb(progress: ModelProgress): string {
  return progress.phase === 'verifying' ? 'verifying' : `${progress.phase} from ${progress.source}`;
}

function rateText(progress: ModelProgress, rate: number | undefined): string {
  if (rate === undefined || progress.phase === 'connecting') return '';
  const seconds = Math.ceil(Math.max(0, progress.totalBytes - progress.receivedBytes) / rate);
  const left = seconds >= 90 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
  return `${formatBytes(rate)}/s, ${left} left `;
}

function shareOf(progress: ModelProgress): number {
  return progress.totalBytes === 0 ? 0 : Math.min(1, progress.receivedBytes / progress.totalBytes);
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`.padStart(5);
}
