/**
 * The module beside `moduleUrl` that a child process or worker thread runs. Those load compiled JavaScript only: when
 * the caller runs from sources (tests), this is its twin in the build.
 */
export function entryBeside(moduleUrl: string, name: string): URL {
  const beside = new URL(`./${name}.js`, moduleUrl);
  if (!moduleUrl.endsWith('.ts')) return beside;
  const at = beside.href.lastIndexOf('/src/');
  return new URL(`${beside.href.slice(0, at)}/dist/${beside.href.slice(at + '/src/'.length)}`);
}
