export type Rgb = readonly [red: number, green: number, blue: number];
export type Palette = { readonly caller: Rgb; readonly agent: Rgb; readonly mind: Rgb; readonly rest: Rgb };

let palette: Palette | undefined;

/** The colours to draw with, as the style sheet has them. */
export function currentPalette(): Palette {
  if (palette !== undefined) return palette;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): Rgb => parseHex(style.getPropertyValue(`--glow-${name}`).trim());
  palette = { caller: read('caller'), agent: read('agent'), mind: read('mind'), rest: read('rest') };
  return palette;
}

function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const at = (i: 0 | 1 | 2): number => from[i] + (to[i] - from[i]) * share;
  return [at(0), at(1), at(2)];
}

export function css([red, green, blue]: Rgb, alpha: number): string {
  return `rgba(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)}, ${alpha})`;
}
