/** Says in the metadata of an answer what was asked for and has no effect. Deepgram's own warnings have this form. */
export function warningsOf(ignored: readonly string[]): { readonly warnings?: readonly object[] } {
  if (ignored.length === 0) return {};
  return {
    warnings: [...new Set(ignored)].slice(0, 32).map((parameter) => ({
      parameter: parameter.slice(0, 60),
      type: 'unsupported_parameter',
      message: `${parameter.slice(0, 60)} has no effect here.`,
    })),
  };
}
