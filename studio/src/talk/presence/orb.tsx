import { useRef } from 'react';
import type { Mood } from '../talk-state.js';
import { drawOrb } from './draw-orb.js';
import classes from './orb.module.css';
import { currentPalette, mix, type Palette, type Rgb } from './palette.js';
import { fitCanvas, prefersCalm, useFrames } from './use-frames.js';

export type Levels = () => { readonly caller: number; readonly agent: number };

/** How fast colours and levels follow, as the time to go about two thirds of the way. */
const colorMs = 180;
const riseMs = 40;
const fallMs = 160;

/** The call made visible: who has the floor, and how loud. What it shows is said in words beside it. */
export function Orb({ mood, levels, live }: { readonly mood: Mood; readonly levels: Levels; readonly live: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<{ color: Rgb | undefined; level: number; thinking: number; seconds: number }>({
    color: undefined,
    level: 0,
    thinking: 0,
    seconds: 0,
  });
  useFrames(live ? 'call' : 'rest', (elapsedMs) => {
    if (canvas.current === null) return;
    const { context, width } = fitCanvas(canvas.current);
    if (context === null) return;
    const palette = currentPalette();
    const { caller, agent } = levels();
    const now = shown.current;
    const level = mood === 'speaking' ? agent : caller;
    now.color = mix(now.color ?? colorOf(mood, palette), colorOf(mood, palette), approach(elapsedMs, colorMs));
    now.level += (level - now.level) * approach(elapsedMs, level > now.level ? riseMs : fallMs);
    now.thinking += ((mood === 'thinking' ? 1 : 0) - now.thinking) * approach(elapsedMs, colorMs);
    if (!prefersCalm()) now.seconds += elapsedMs / 1_000;
    drawOrb(context, width, {
      color: now.color,
      second: mix(now.color, secondOf(mood, palette), 0.6),
      level: now.level,
      seconds: now.seconds,
      thinking: now.thinking,
    });
  });
  return (
    <div aria-hidden="true">
      <canvas ref={canvas} className={classes.orb} />
    </div>
  );
}

function approach(elapsedMs: number, timeMs: number): number {
  return 1 - Math.exp(-elapsedMs / timeMs);
}

function colorOf(mood: Mood, palette: Palette): Rgb {
  switch (mood) {
    case 'listening':
      return palette.caller;
    case 'thinking':
      return palette.mind;
    case 'speaking':
    case 'idle':
      return palette.agent;
    case 'waiting':
      return mix(palette.agent, palette.rest, 0.5);
    default:
      return palette.rest;
  }
}

/** A neighbour of the colour, so that the orb is more than a disc. */
function secondOf(mood: Mood, palette: Palette): Rgb {
  if (mood === 'listening') return palette.mind;
  return colorOf(mood, palette) === palette.rest ? palette.rest : palette.caller;
}
