/** Stems that begin a word which is masked, however it goes on. */
const stems = [
  'fuck',
  'motherfuck',
  'shit',
  'bullshit',
  'cunt',
  'bitch',
  'bastard',
  'asshole',
  'arsehole',
  'dickhead',
  'wank',
];
/** Words that are masked only as they are: "cockpit" and "assess" are not meant. */
const whole = new Set([
  'ass',
  'arse',
  'cock',
  'cocks',
  'dick',
  'dicks',
  'prick',
  'pricks',
  'twat',
  'twats',
  'slut',
  'sluts',
  'whore',
  'whores',
]);
/** Begin like one of the stems. */
const innocent = new Set(['shiitake', 'shitake', 'wankel']);

/** A swear word keeps its first letter and what stands around it: "f***,". */
export function maskProfanity(text: string): string {
  return text.replaceAll(/[\p{L}']+/gu, (word) => {
    const small = word.toLowerCase();
    const swears = whole.has(small) || (stems.some((stem) => small.startsWith(stem)) && !innocent.has(small));
    return swears ? `${word.charAt(0)}${'*'.repeat(word.length - 1)}` : word;
  });
}
