import { css, mix, type Rgb } from './palette.js';

export type OrbLook = {
  readonly color: Rgb;
  /** The colour that the edge shades into. */
  readonly second: Rgb;
  /** How loud the side is that has the floor, 0..1. */
  readonly level: number;
  /** Seconds of movement so far; stands still where little motion is asked for. */
  readonly seconds: number;
  /** 0..1: how much of the ring that circles while the agent thinks. */
  readonly thinking: number;
};

const points = 72;
const layers = [
  { alpha: 0.16, reach: 1.0, waves: 3, speed: 0.9, phase: 0 },
  { alpha: 0.22, reach: 0.72, waves: 4, speed: -1.2, phase: 2.1 },
  { alpha: 0.3, reach: 0.45, waves: 5, speed: 1.6, phase: 4.4 },
] as const;

/** Draws the presence of the call into a square of `size` CSS pixels. */
export function drawOrb(context: CanvasRenderingContext2D, size: number, look: OrbLook): void {
  const { color, second, level, seconds, thinking } = look;
  const middle = size / 2;
  const radius = size * (0.265 + 0.006 * Math.sin(seconds * 1.3));

  const glow = context.createRadialGradient(middle, middle, radius * 0.7, middle, middle, middle);
  glow.addColorStop(0, css(color, 0.22 + 0.2 * level));
  glow.addColorStop(1, css(color, 0));
  context.fillStyle = glow;
  context.fillRect(0, 0, size, size);

  for (const { alpha, reach, waves, speed, phase } of layers) {
    context.beginPath();
    for (let i = 0; i <= points; i++) {
      const angle = (i / points) * 2 * Math.PI;
      const swell =
        0.5 * Math.sin(waves * angle + phase + seconds * speed) +
        0.5 * Math.sin((waves - 1) * angle - phase - seconds * speed * 0.7);
      const length = radius * (1.03 + 0.05 * reach + level * reach * 0.42 + (0.02 + level * 0.16 * reach) * swell);
      const [x, y] = [middle + length * Math.cos(angle), middle + length * Math.sin(angle)];
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.closePath();
    context.fillStyle = css(mix(color, second, reach), alpha);
    context.fill();
  }

  const core = context.createLinearGradient(middle - radius, middle - radius, middle + radius, middle + radius);
  core.addColorStop(0.1, css(mix(color, [255, 255, 255], 0.38), 1));
  core.addColorStop(0.5, css(color, 1));
  core.addColorStop(0.95, css(mix(color, second, 0.85), 1));
  context.fillStyle = core;
  context.beginPath();
  context.arc(middle, middle, radius, 0, 2 * Math.PI);
  context.fill();

  if (thinking > 0.02) drawThinking(context, middle, radius, thinking, seconds);
}

/** Three dots that rise one after the other, as in a chat. */
function drawThinking(
  context: CanvasRenderingContext2D,
  middle: number,
  radius: number,
  share: number,
  seconds: number,
): void {
  context.fillStyle = `rgba(255, 255, 255, ${0.95 * share})`;
  for (const dot of [-1, 0, 1]) {
    const rise = Math.max(0, Math.sin(seconds * 5 - dot * 0.9)) * radius * 0.12;
    context.beginPath();
    context.arc(middle + dot * radius * 0.3, middle - rise, radius * 0.075, 0, 2 * Math.PI);
    context.fill();
  }
}
