import { UnstyledButton } from '@mantine/core';
import type { CSSProperties } from 'react';
import type { ParleyTurnEvent } from '../../../../src/client/server-events.js';
import { ChevronIcon } from '../../icons.js';
import classes from './timing.module.css';
import { factsOf, formatMs, latencySummary, layOut, type PartKind } from './waterfall.js';

export type TimingPanelProps = {
  readonly turns: readonly ParleyTurnEvent[];
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
};

/** How fast the agent answers, and where the time of each turn went. */
export function TimingPanel({ turns, open, onToggle }: TimingPanelProps) {
  const summary = latencySummary(turns);
  const last = turns.at(-1);
  return (
    <section className={classes.timing} aria-labelledby="timing-title">
      <h2 id="timing-title" className={classes.heading}>
        <UnstyledButton
          className={classes.toggle}
          aria-expanded={open}
          aria-controls="timing-turns"
          onClick={() => onToggle(!open)}
        >
          <span className={classes.title}>Timing</span>
          {summary !== null && last !== undefined ? (
            <>
              <Figure name="Last" value={formatMs(last.response_latency_ms)} />
              <Figure name="P50" value={formatMs(summary.p50Ms)} />
              <Figure name="P95" value={formatMs(summary.p95Ms)} />
              <span className={classes.count}>
                {summary.turns} {summary.turns === 1 ? 'turn' : 'turns'}
              </span>
            </>
          ) : (
            <span className={classes.count}>how fast the agent answers, after the first turn</span>
          )}
          <span className={classes.chevron} data-open={open}>
            <ChevronIcon />
          </span>
        </UnstyledButton>
      </h2>
      <div id="timing-turns" className={classes.turns} hidden={!open}>
        {turns.length === 0 ? (
          <p className={classes.note}>
            After each reply: where the time went, from the end of your words to the first sound of the answer.
          </p>
        ) : (
          <>
            <Legend />
            {turns.toReversed().map((turn, index) => (
              <Turn key={turn.turn} turn={turn} open={index === 0} />
            ))}
            <p className={classes.note}>Measured on the server. The network and your sound device add to it.</p>
            {last?.call_id && (
              <p className={classes.note}>
                The whole story, where the server runs: <code>npx parley explain {last.call_id}</code>
              </p>
            )}
          </>
        )}
      </div>
    </section>
  );
}

const legend: readonly (readonly [kind: PartKind, meaning: string])[] = [
  ['ears', 'listening'],
  ['mind', 'thinking'],
  ['mouth', 'speaking'],
  ['waiting', 'waiting for you'],
  ['working', 'getting ready'],
];

/** What the colours of the bars mean. */
function Legend() {
  return (
    <div className={classes.legend}>
      <p>From your last word:</p>
      <ul>
        {legend.map(([kind, meaning]) => (
          <li key={kind}>
            <span className={classes.swatch} data-kind={kind} aria-hidden="true" />
            {meaning}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <span className={classes.figure}>
      <span className={classes.figureName}>{name}</span> <span className={classes.figureValue}>{value}</span>
    </span>
  );
}

function Turn({ turn, open }: { readonly turn: ParleyTurnEvent; readonly open: boolean }) {
  const { fromMs, toMs, bars } = layOut(turn);
  const place = (startMs: number, endMs: number): CSSProperties => ({
    left: `${(100 * (startMs - fromMs)) / (toMs - fromMs)}%`,
    width: `${(100 * (endMs - startMs)) / (toMs - fromMs)}%`,
  });
  return (
    <details className={classes.turn} open={open}>
      <summary>
        <span className={classes.turnName}>Turn {turn.turn}</span>
        <span className={classes.turnWords}>{turn.transcript}</span>
        <span className={classes.turnLatency}>{formatMs(turn.response_latency_ms)}</span>
      </summary>
      <ol className={classes.steps}>
        {bars.map(({ key, label, side, atMs, parts }) => (
          <li key={key} className={classes.step} data-step={key} data-side={side}>
            <span>{label}</span>
            <span className={classes.track} aria-hidden="true">
              {parts.map((part) => (
                <span
                  key={part.kind}
                  className={classes.bar}
                  data-kind={part.kind}
                  style={place(part.fromMs, part.toMs)}
                />
              ))}
            </span>
            <span className={classes.ms}>{formatMs(atMs)}</span>
          </li>
        ))}
      </ol>
      {turn.waited_because !== '' && <p className={classes.because}>{turn.waited_because}</p>}
      <p className={classes.facts}>{factsOf(turn).join(' · ')}</p>
    </details>
  );
}
