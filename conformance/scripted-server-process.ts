import { runServer } from '../src/cli/start.js';
import { scriptedBringUp } from './scripted-bring-up.js';

/** `parley start --tls` as it is, but for the models. */
await runServer({ bringUp: scriptedBringUp }, { tls: true });
