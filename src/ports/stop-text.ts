/** Where the first of the stop strings, or the caller's own end, cuts a text; undefined while it may go on. */
export function cutAt(text: string, stops: readonly string[], own: number | undefined): number | undefined {
  const places = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  if (own !== undefined) places.push(own);
  return places.length > 0 ? Math.min(...places) : undefined;
}

/** How much of the end may be the beginning of a stop string, and so is not given out yet. */
export function heldBack(text: string, stops: readonly string[]): number {
  let held = 0;
  for (const stop of stops)
    for (let length = Math.min(stop.length - 1, text.length); length > held; length--)
      if (stop.startsWith(text.slice(text.length - length))) {
        held = length;
        break;
      }
  return held;
}
