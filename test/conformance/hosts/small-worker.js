// A worker thread with no model, for tests of what supervises voice activity. The sample at 0 says what it does.
import { existsSync, rmSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

// A file that is there makes one start fail.
if (existsSync(workerData.modelPath)) {
  rmSync(workerData.modelPath);
  process.exit(7);
}
parentPort.on('message', ({ type, id, window }) => {
  if (type !== 'window') return;
  if (window[0] === -1) process.exit(3);
  if (window[0] === -2) for (;;);
  parentPort.postMessage({ type: 'probability', id, probability: window[0] });
});
parentPort.postMessage({ type: 'ready' });
