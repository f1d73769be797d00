import { createTheme, type MantineColorsTuple } from '@mantine/core';

const sea: MantineColorsTuple = [
  '#e8f7f4',
  '#d2ede8',
  '#a5dbd2',
  '#6fc9bb',
  '#43b8a8',
  '#23a394',
  '#158a7d',
  '#0f766e',
  '#0b5f59',
  '#074843',
];

/** Mantine's greys for the dark scheme, with a trace of the same green. */
const dark: MantineColorsTuple = [
  '#e8efec',
  '#c3cfcb',
  '#a0aeaa',
  '#71807b',
  '#3d4a46',
  '#2c3835',
  '#1e2826',
  '#161e1c',
  '#0e1413',
  '#090d0c',
];

/** Fonts are the system's: nothing is loaded from elsewhere. */
const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

export const theme = createTheme({
  colors: { sea, dark },
  primaryColor: 'sea',
  primaryShade: 7,
  defaultRadius: 'md',
  fontFamily,
  headings: { fontFamily, fontWeight: '650' },
  respectReducedMotion: true,
});
