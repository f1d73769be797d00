import { startCall } from './call.js';
import { createCaptions } from './captions.js';
import { closeProblem, readinessHelp, startProblem } from './problems.js';
import { askReadiness, pollUntilReady } from './readiness.js';
import { createTurns } from './waterfall.js';

const stateTexts = {
  loading: 'Server is loading',
  unreachable: 'Server does not answer',
  full: 'All lines are busy',
  idle: 'Ready',
  connecting: 'Connecting',
  listening: 'Listening',
  thinking: 'Thinking',
  speaking: 'Speaking',
};
const warningMs = 8_000;

const byId = (id) => document.getElementById(id);
const button = /** @type {HTMLButtonElement} */ (byId('talk'));
const captions = createCaptions(byId('captions'), byId('captions-empty'));
const turns = createTurns({
  list: byId('turn-list'),
  empty: byId('turns-empty'),
  note: byId('turns-note'),
  p50: byId('p50'),
});

let call;
let lastCallStats = {};
let turnCount = 0;
let stopPolling = () => {};
let warningTimer;

/** What a test, or a curious caller in the console, may look at. */
globalThis.parleyPage = {
  get stats() {
    return {
      state: document.body.dataset.state,
      turns: turnCount,
      p50Ms: turns.p50(),
      ...(call?.stats() ?? lastCallStats),
    };
  },
};

function showState(state) {
  document.body.dataset.state = state;
  byId('state-text').textContent = stateTexts[state];
}

function showLevel(level) {
  // Speech spans about -50 to -10 dBFS; the eye wants that range, not the linear one.
  const share = Math.max(0, Math.min(1, (20 * Math.log10(level + 1e-6) + 50) / 40));
  byId('meter-level').style.transform = `scaleX(${share.toFixed(3)})`;
}

function showHelp(help) {
  clearTimeout(warningTimer);
  const box = byId('help');
  box.hidden = help === undefined;
  // Rewriting the same words would make a screen reader say them every second.
  const fingerprint = JSON.stringify(help ?? null);
  if (box.dataset.shown === fingerprint) return;
  box.dataset.shown = fingerprint;
  box.replaceChildren();
  if (help === undefined) return;
  box.dataset.kind = help.kind;
  const title = document.createElement('h2');
  title.textContent = help.title;
  const text = document.createElement('p');
  text.textContent = help.text;
  box.append(title, text);
  if (help.items !== undefined && help.items.length > 0) {
    const list = document.createElement('ul');
    for (const item of help.items) list.append(Object.assign(document.createElement('li'), { textContent: item }));
    box.append(list);
  }
}

function showWarning(text) {
  showHelp({ kind: 'problem', title: 'Something went wrong', text });
  warningTimer = setTimeout(() => showHelp(undefined), warningMs);
}

function waitUntilReady() {
  stopPolling();
  stopPolling = pollUntilReady((readiness) => {
    const ready = readiness.kind === 'ready';
    showState(ready ? 'idle' : readiness.kind);
    showHelp(readinessHelp(readiness));
    button.disabled = !ready;
  });
}

function talk() {
  stopPolling();
  captions.clear();
  turns.clear();
  turnCount = 0;
  showHelp(undefined);
  button.textContent = 'Hang up';
  call = startCall({
    onActivity: showState,
    onLevel: showLevel,
    onCallerTurn: captions.beginCaller,
    onCallerText: captions.setCaller,
    onAgentWords: captions.appendAgent,
    onInterrupted: captions.markInterrupted,
    onTurn(turn) {
      turnCount += 1;
      turns.add(turn);
    },
    onWarning: showWarning,
    onEnd: endCall,
  });
}

async function endCall({ error, close }) {
  lastCallStats = call?.stats() ?? lastCallStats;
  call = undefined;
  captions.settle();
  showLevel(0);
  showState('idle');
  button.textContent = 'Talk';
  if (error !== undefined) return showHelp(startProblem(error));
  if (close === undefined) return showHelp(undefined);
  const readiness = await askReadiness();
  if (call !== undefined) return;
  if (readiness.kind === 'ready' || close.code === 1013) return showHelp(closeProblem(close, readiness));
  waitUntilReady();
}

button.addEventListener('click', () => {
  if (call === undefined) talk();
  else call.hangUp();
});

showLevel(0);
waitUntilReady();
