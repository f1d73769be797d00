/**
 * Which folder may import which: the arrows of docs/architecture.md as rules. `npm run arrows` checks them, type imports
 * included. Tests may import anything.
 */

/** Folder → what it may import besides itself. A folder that is not named here may not exist. */
const mayImport = {
  audio: [],
  language: [],
  ports: ['audio'],
  models: ['audio'],
  yaml: ['audio'],
  analyser: ['audio'],
  // It runs in browsers too: only what has no I/O.
  client: ['audio/pcm.ts', 'audio/error.ts'],
  conversation: ['ports', 'audio', 'language'],
  agents: ['ports', 'audio', 'language'],
  channels: ['ports', 'audio'],
  // Its worker is compiled code like the hosts', and found the same way.
  store: ['engines/host/entry.ts', 'ports', 'audio'],
  observability: ['ports', 'audio'],
  testing: ['ports', 'audio', 'language', 'conversation', 'analyser', 'yaml'],
  platform: [
    'store',
    'observability',
    'models',
    'engines',
    'channels',
    'conversation',
    'agents',
    'ports',
    'audio',
    'language',
  ],
  api: ['platform', 'observability', 'channels', 'conversation', 'agents', 'ports', 'audio'],
  // Options keep their defaults beside their concept: settings read them there.
  settings: ['store/database-folder.ts', 'yaml', 'models', 'channels', 'conversation', 'agents', 'ports', 'audio'],
};

const engineMayImport = ['ports', 'audio', 'language', 'engines/host', 'engines/remote'];
const inSrc = (names) => names.map((name) => `^src/${name.replace('.', '\\.')}(/|$)`);
/** Tests, and what only tests use. */
const testFile = '(\\.test|-fixture)\\.ts$';
const inference = 'node_modules/(onnxruntime-node|onnxruntime-common|node-llama-cpp)/';

const folderArrows = Object.entries(mayImport).map(([folder, targets]) => ({
  name: `arrows-${folder}`,
  severity: 'error',
  comment: `src/${folder} may import ${targets.length > 0 ? targets.join(', ') : 'nothing of ours'}.`,
  from: { path: `^src/${folder}/`, pathNot: testFile },
  to: { path: '^src/', pathNot: inSrc([folder, ...targets]) },
}));

module.exports = {
  forbidden: [
    ...folderArrows,
    {
      name: 'arrows-engine',
      severity: 'error',
      comment:
        'An engine may import ports, audio, language and what engines share (host, remote), never another engine.',
      from: { path: '^src/engines/([^/]+)/', pathNot: ['^src/engines/host/', testFile] },
      to: { path: '^src/', pathNot: [...inSrc(engineMayImport), '^src/engines/$1/'] },
    },
    {
      name: 'arrows-engine-host',
      severity: 'error',
      comment: 'engines/host runs any engine and knows none of them.',
      from: { path: '^src/engines/host/', pathNot: testFile },
      to: { path: '^src/', pathNot: inSrc(engineMayImport) },
    },
    {
      name: 'arrows-cli',
      severity: 'error',
      comment: 'The command line may use anything, and of the server only its entry, src/main.ts.',
      from: { path: '^src/cli/', pathNot: testFile },
      to: { path: '^src/main/' },
    },
    {
      name: 'arrows-unknown-folder',
      severity: 'error',
      comment: 'A new folder under src needs a row in .dependency-cruiser.cjs and a line in docs/architecture.md.',
      from: { path: '^src/', pathNot: `^src/(main\\.ts$|(main|cli|engines|${Object.keys(mayImport).join('|')})/)` },
      to: {},
    },
    {
      name: 'no-inference-in-the-main-process',
      severity: 'error',
      comment: 'Models run in hosts: only what a child process or worker thread loads may reach an inference library.',
      from: { path: '^src/', pathNot: ['^src/engines/', testFile] },
      to: { path: inference, reachable: true },
    },
    {
      name: 'no-inference-in-an-engine-client',
      severity: 'error',
      comment: 'client.ts is the half of an engine that lives in the main process.',
      from: { path: '^src/engines/[^/]+/client\\.ts$' },
      to: { path: inference, reachable: true },
    },
    {
      name: 'no-circular',
      severity: 'error',
      // Types leave no import behind: a table and its type may name each other.
      comment: 'Modules that import each other are one module in two files.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this module and it imports nothing: it was forgotten.',
      from: { orphan: true, path: '^src/', pathNot: [testFile, '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      comment: 'What ships does not import tests or their fixtures.',
      from: { path: '^src/', pathNot: testFile },
      to: { path: ['^(test|bench)/', testFile] },
    },
    {
      name: 'no-development-dependency-in-the-product',
      severity: 'error',
      comment: 'A package that src imports belongs in "dependencies".',
      from: { path: '^src/', pathNot: testFile },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      comment: 'A package that is imported is declared: one that came with another package may go away with it.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'The import leads nowhere.',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Type imports are arrows too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
