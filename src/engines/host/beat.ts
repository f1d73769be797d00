import { writeSync } from 'node:fs';
import { beatEveryMs, beatFd } from './heartbeat.js';

// Runs in a thread of its own beside a host's inference: it goes on while a native call blocks the host's main thread,
// and falls silent when the process is stopped or gets no time at all.
const timer = setInterval(beat, beatEveryMs);
beat();

function beat(): void {
  try {
    writeSync(beatFd, '.');
  } catch (error) {
    // A full pipe means that the other side is busy, not gone.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') clearInterval(timer);
  }
}
