import type { ProgressStream } from './progress.js';

/** Work that is over sooner needs no progress. */
const quietMs = 2_000;
const redrawMs = 200;
const lineEveryMs = 5_000;

/** Progress of one piece of work: a line that is redrawn on a terminal, elsewhere a line every five seconds. */
export function createProgressLine(
  stream: ProgressStream,
  what: string,
  nowMs: () => number = () => performance.now(),
): { readonly update: (doneMs: number, totalMs: number) => void; readonly close: () => void } {
  const terminal = stream.isTTY === true;
  const startedMs = nowMs();
  let shownMs = Number.NEGATIVE_INFINITY;
  let open = false;
  return {
    update(doneMs, totalMs) {
      const now = nowMs();
      if (now - startedMs < quietMs || now - shownMs < (terminal ? redrawMs : lineEveryMs)) return;
      shownMs = now;
      const share = totalMs > 0 ? doneMs / totalMs : 1;
      const leftMs = share > 0 ? ((now - startedMs) * (1 - share)) / share : 0;
      const text = `${what}: ${clock(doneMs)} of ${clock(totalMs)}, ${Math.floor(share * 100)} %, ${clock(leftMs)} left`;
      stream.write(terminal ? `\r\x1b[2K${text}` : `${text}\n`);
      open = terminal;
    },
    close() {
      if (open) stream.write('\r\x1b[2K');
      open = false;
    },
  };
}

/** `1:02:03` or `2:03`. */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${Math.floor((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest.padStart(5, '0')}` : rest;
}
