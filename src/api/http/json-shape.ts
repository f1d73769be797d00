const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Looks at a JSON text before it is parsed: what is nested too deep overflows the stack of whoever walks it, and a
 * megabyte of empty arrays becomes tens of megabytes of objects.
 *
 * @returns what is wrong with its shape; a text that is no JSON passes, and is the parser's to refuse
 */
export function jsonShapeProblem(
  text: Buffer,
  limits: { readonly maxJsonDepth: number; readonly maxJsonValues: number },
): string | undefined {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case quote:
        at = endOfString(text, at);
        break;
      case openBracket:
      case openBrace:
        depth += 1;
        values += 1;
        if (depth > limits.maxJsonDepth) return `nested deeper than ${limits.maxJsonDepth} levels`;
        break;
      case closeBracket:
      case closeBrace:
        depth -= 1;
        break;
      case comma:
      case colon:
        values += 1;
        break;
    }
    if (values > limits.maxJsonValues) return `made of more than ${limits.maxJsonValues} values`;
  }
  return undefined;
}

/** Index of the closing quote. Audio is one long string, which a native search gets over in no time. */
function endOfString(text: Buffer, from: number): number {
  for (let at = text.indexOf(quote, from + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}
