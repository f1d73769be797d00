/*
 * Loaded into a server process (`node --import`): how it is, asked over its IPC channel. Plain JavaScript, since the
 * process may run compiled code only.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const resolutionMs = 5;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();

process.on('message', (message) => {
  if (message?.ask === 'vitals-after-gc') globalThis.gc?.();
  else if (message?.ask === 'reset-delay') delay.reset();
  else if (message?.ask !== 'vitals') return;
  process.send({ vitals: vitals() });
});
// When whoever watches is gone, nobody would end the process.
process.once('disconnect', () => process.exit(1));
// Watching does not keep it alive.
process.channel?.unref();

function vitals() {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return {
    atMs: performance.now(),
    rssBytes: rss,
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
    heapBytes: heapUsed,
    externalBytes: external,
    arrayBufferBytes: arrayBuffers,
    resources,
    // The histogram has intervals between timers, their regular length included.
    eventLoopDelayMs: {
      p50: over(delay.percentile(50)),
      p99: over(delay.percentile(99)),
      max: over(delay.max),
      n: delay.count,
    },
  };
}

function over(intervalNs) {
  return Math.max(0, Math.round((intervalNs / 1e6 - resolutionMs) * 10) / 10);
}
