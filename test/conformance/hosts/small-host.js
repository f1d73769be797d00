// A host with no model, for tests of what runs hosts. Child processes load compiled JavaScript: build first.
import { ParleyError } from '../../../dist/audio/error.js';
import { serveHost } from '../../../dist/engines/host/serve.js';

serveHost(async ({ start = 'well' }) => {
  if (start === 'fails') throw new ParleyError('the weights are damaged', { code: 'models.damaged' });
  if (start === 'exits') process.exit(7);
  if (start === 'hangs') await new Promise((resolve) => setTimeout(resolve, 600_000));
  return {
    echo: (payload) => payload,
    wait: (ms) => new Promise((resolve) => setTimeout(() => resolve('waited'), ms)),
    block: (ms) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
      return 'blocked';
    },
    exit: (code) => process.exit(code),
    refuse: () => {
      throw new ParleyError('no such thing', { code: 'thing.missing', status: 404 });
    },
    break: () => {
      throw new TypeError('a bug');
    },
  };
});
