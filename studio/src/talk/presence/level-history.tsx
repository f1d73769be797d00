import { useRef } from 'react';
import classes from './level-history.module.css';
import type { Levels } from './orb.js';
import { css, currentPalette, type Rgb } from './palette.js';
import { fitCanvas, useFrames } from './use-frames.js';

const stepMs = 60;
const barPx = 3;
const pitchPx = 5;
const maxBars = 200;

/** The last seconds of both sides: the agent above the line, the caller below it, now at the right. */
export function LevelHistory({ levels, live }: { readonly levels: Levels; readonly live: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const history = useRef<{ bars: { caller: number; agent: number }[]; sinceMs: number }>({ bars: [], sinceMs: 0 });
  useFrames(live ? 'call' : 'rest', (elapsedMs) => {
    if (!live) {
      history.current.bars = [];
      return;
    }
    const { current } = history;
    const { caller, agent } = levels();
    const newest = current.bars.at(-1);
    current.sinceMs += elapsedMs;
    if (current.sinceMs >= stepMs) {
      current.sinceMs %= stepMs;
      current.bars = [...current.bars, { caller, agent }].slice(-maxBars);
    } else if (newest !== undefined) {
      newest.caller = Math.max(newest.caller, caller);
      newest.agent = Math.max(newest.agent, agent);
    }
    if (canvas.current !== null) draw(canvas.current, current.bars);
  });
  return (
    <div className={classes.history} data-live={live} aria-hidden="true">
      <span className={classes.agent}>Agent</span>
      <span className={classes.caller}>You</span>
      <canvas ref={canvas} className={classes.canvas} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, bars: readonly { caller: number; agent: number }[]): void {
  const { context, width, height } = fitCanvas(canvas);
  if (context === null) return;
  const palette = currentPalette();
  const middle = height / 2;
  const bar = (x: number, level: number, up: boolean, color: Rgb): void => {
    const length = Math.max(1, level * (middle - 3));
    context.fillStyle = css(color, level > 0.03 ? 0.9 : 0.35);
    context.beginPath();
    context.roundRect(x, up ? middle - 1.5 - length : middle + 1.5, barPx, length, 1.5);
    context.fill();
  };
  for (let i = 0; i * pitchPx < width; i++) {
    const { caller, agent } = bars[bars.length - 1 - i] ?? { caller: 0, agent: 0 };
    const x = width - barPx - i * pitchPx;
    bar(x, agent, true, palette.agent);
    bar(x, caller, false, palette.caller);
  }
}
