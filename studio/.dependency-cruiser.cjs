/** What the studio may import of the rest: `npm run arrows` checks it. bin/parley.js rebuilds the studio when these change. */
const mayImport = ['^src/client/', '^src/audio/error\\.ts$', '^src/analyser/statistics\\.ts$'];

module.exports = {
  forbidden: [
    {
      name: 'arrows-studio',
      severity: 'error',
      comment: 'The studio runs in a browser: of the server it may import only what has no I/O.',
      from: { path: '^studio/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: mayImport },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Modules that import each other are one module in two files.',
      from: { path: '^studio/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this module and it imports nothing: it was forgotten.',
      from: { orphan: true, path: '^studio/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'The import leads nowhere.',
      from: { path: '^studio/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'browser', 'default', 'types'] },
  },
};
