const maxTurns = 100;

/**
 * The steps of a turn in their order of dependence. `after` names the step that a bar begins at.
 * Offsets are ms from the end of the caller's speech.
 */
const steps = [
  { key: 'vad_silence_ms', label: 'Silence seen', side: 'ears', after: [] },
  { key: 'end_of_turn_ms', label: 'End of turn', side: 'ears', after: ['vad_silence_ms'] },
  { key: 'stt_final_ms', label: 'Transcript', side: 'ears', after: ['vad_silence_ms'] },
  { key: 'llm_first_token_ms', label: 'First token', side: 'mind', after: ['stt_final_ms', 'vad_silence_ms'] },
  { key: 'first_clause_ms', label: 'First clause', side: 'mind', after: ['llm_first_token_ms', 'stt_final_ms'] },
  { key: 'tts_first_audio_ms', label: 'First audio', side: 'mouth', after: ['first_clause_ms', 'llm_first_token_ms'] },
];

/**
 * Bars of one turn, in ms on one axis.
 * @param {Record<string, any>} turn `parley.turn`
 * @returns {{ fromMs: number, toMs: number, bars: { key: string, label: string, side: string, atMs: number | null, parts: { kind: string, fromMs: number, toMs: number }[] }[] }}
 */
export function layOut(turn) {
  const at = turn.steps ?? {};
  const bars = steps.map(({ key, label, side, after }) => {
    const atMs = finite(at[key]);
    const beginsAt = after.map((name) => finite(at[name])).find((ms) => ms !== null) ?? 0;
    const parts = atMs === null ? [] : [{ kind: side, fromMs: Math.min(beginsAt, atMs), toMs: atMs }];
    return { key, label, side, atMs, parts };
  });
  bars.push(latencyBar(turn));
  const edges = bars.flatMap(({ parts }) => parts.flatMap(({ fromMs, toMs }) => [fromMs, toMs]));
  return { fromMs: Math.min(0, ...edges), toMs: Math.max(1, ...edges), bars };
}

function latencyBar(turn) {
  const atMs = finite(turn.response_latency_ms);
  const bar = { key: 'response_latency_ms', label: 'Response latency', side: 'total', atMs };
  if (atMs === null) return { ...bar, parts: [] };
  const decidedMs = Math.min(atMs, Math.max(0, finite(turn.eou_delay_ms) ?? 0));
  const leavesMs = Math.max(decidedMs, atMs - Math.max(0, finite(turn.transport_out_ms) ?? 0));
  return {
    ...bar,
    parts: [
      { kind: 'waiting', fromMs: 0, toMs: decidedMs },
      { kind: 'working', fromMs: decidedMs, toMs: leavesMs },
      { kind: 'sending', fromMs: leavesMs, toMs: atMs },
    ].filter(({ fromMs, toMs }) => toMs > fromMs),
  };
}

/** @param {number[]} values @returns {number | undefined} the median */
export function p50(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {{ list: HTMLElement, empty: HTMLElement, note: HTMLElement, p50: HTMLElement }} elements
 */
export function createTurns(elements) {
  let latenciesMs = [];

  function showP50() {
    const median = p50(latenciesMs);
    elements.p50.textContent =
      median === undefined
        ? ''
        : `P50 ${formatMs(median)} over ${latenciesMs.length} ${latenciesMs.length === 1 ? 'turn' : 'turns'}`;
  }

  return {
    p50: () => p50(latenciesMs),
    clear() {
      latenciesMs = [];
      elements.list.replaceChildren();
      elements.empty.hidden = false;
      elements.note.hidden = true;
      showP50();
    },
    add(turn) {
      const latencyMs = finite(turn.response_latency_ms);
      if (latencyMs !== null) latenciesMs = [...latenciesMs, latencyMs].slice(-maxTurns);
      elements.list.firstElementChild?.removeAttribute('open');
      elements.list.prepend(renderTurn(turn));
      if (elements.list.children.length > maxTurns) elements.list.lastElementChild.remove();
      elements.empty.hidden = true;
      elements.note.hidden = false;
      showP50();
    },
  };
}

function renderTurn(turn) {
  const { fromMs, toMs, bars } = layOut(turn);
  const percent = (ms) => `${(100 * (ms - fromMs)) / (toMs - fromMs)}%`;
  const root = element('details', 'turn');
  root.open = true;
  const summary = element('summary', '');
  summary.append(
    element('span', 'turn-name', `Turn ${turn.turn ?? ''}`),
    element('span', 'turn-words', turn.transcript ?? ''),
    element('span', 'turn-latency', formatMs(finite(turn.response_latency_ms))),
  );
  const rows = element('ol', 'steps');
  for (const { key, label, side, atMs, parts } of bars) {
    const row = element('li', `step ${side}`);
    row.dataset.step = key;
    const track = element('span', 'track');
    track.setAttribute('aria-hidden', 'true');
    for (const part of parts) {
      const bar = element('span', `bar ${part.kind}`);
      bar.style.left = percent(part.fromMs);
      bar.style.width = `calc(${percent(part.toMs)} - ${percent(part.fromMs)})`;
      track.append(bar);
    }
    row.append(element('span', 'step-name', label), track, element('span', 'step-ms', formatMs(atMs)));
    rows.append(row);
  }
  root.append(summary, rows);
  const split = splitOf(turn);
  if (split !== '') root.append(element('p', 'facts', split));
  if (turn.waited_because) root.append(element('p', 'because', turn.waited_because));
  const facts = factsOf(turn);
  if (facts !== '') root.append(element('p', 'facts', facts));
  return root;
}

/** The three parts of the response latency, in words: the colours alone would not do. */
function splitOf(turn) {
  const [decidedMs, readyMs, outMs] = [turn.eou_delay_ms, turn.ready_ms, turn.transport_out_ms].map(finite);
  if (decidedMs === null || readyMs === null || outMs === null) return '';
  return `decided at ${formatMs(decidedMs)} · ready at ${formatMs(readyMs)} · ${formatMs(outMs)} to send`;
}

function factsOf(turn) {
  const facts = [];
  const probability = finite(turn.end_of_turn_probability);
  if (probability !== null) facts.push(`end of turn ${Math.round(100 * probability)} %`);
  const drafts = finite(turn.drafts);
  if (drafts !== null) facts.push(`${drafts} ${drafts === 1 ? 'draft' : 'drafts'}`);
  const { computed, reused, new: fresh } = turn.tokens ?? {};
  if (finite(fresh) !== null) facts.push(`${fresh} new tokens`);
  if (finite(computed) !== null) facts.push(`${computed} computed`);
  if (finite(reused) !== null) facts.push(`${reused} reused`);
  return facts.join(' · ');
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function finite(value) {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function formatMs(ms) {
  return ms === null ? 'n/a' : `${Math.round(ms).toLocaleString('en')} ms`;
}
