import { useEffect, useRef } from 'react';

/** In a call, and while nothing happens: the machine may be the one that runs the models. */
const framesPerSecond = { call: 30, rest: 15 } as const;
/** Enough for a level to be followed; nothing moves by itself then. */
const calmFramesPerSecond = 10;

/** Whether the system asks for little motion. */
export function prefersCalm(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** Calls back for each frame to draw, never while the page is hidden. `elapsedMs` is since the last frame. */
export function useFrames(pace: keyof typeof framesPerSecond, draw: (elapsedMs: number) => void): void {
  const latest = useRef({ pace, draw });
  latest.current = { pace, draw };
  useEffect(() => {
    let lastMs = performance.now();
    let request = requestAnimationFrame(frame);
    function frame(nowMs: number): void {
      request = requestAnimationFrame(frame);
      const elapsedMs = nowMs - lastMs;
      // Half a refresh of slack: without it a rate that divides the screen's would drop every other frame.
      if (elapsedMs < 1_000 / (prefersCalm() ? calmFramesPerSecond : framesPerSecond[latest.current.pace]) - 8) return;
      lastMs = nowMs;
      latest.current.draw(elapsedMs);
    }
    return () => cancelAnimationFrame(request);
  }, []);
}

/** Fits a canvas to its place on the screen. @returns its context, scaled to CSS pixels, and its size in them */
export function fitCanvas(canvas: HTMLCanvasElement) {
  const scale = Math.min(2, window.devicePixelRatio || 1);
  const { clientWidth: width, clientHeight: height } = canvas;
  const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const context = canvas.getContext('2d');
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  context?.clearRect(0, 0, width, height);
  return { context, width, height };
}
