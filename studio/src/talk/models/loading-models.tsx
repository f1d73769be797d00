import { Progress } from '@mantine/core';
import type { ModelStatus, ServerStatus } from '../../server/server-status.js';
import { formatBytes } from './format-bytes.js';
import classes from './models.module.css';

const stateWords: Readonly<Record<ModelStatus['state'], string>> = {
  waiting: 'waiting',
  downloading: 'downloading',
  verifying: 'checking',
  installed: 'downloaded',
};

/** What the server still waits for: bytes of models first, then the engines that load them. */
export function LoadingModels({ server }: { readonly server: Extract<ServerStatus, { kind: 'loading' }> }) {
  const fetching = server.models.some(({ state }) => state === 'downloading' || state === 'verifying');
  const engines = server.steps.filter((step) => step !== 'start' && step !== 'model files');
  if (!fetching && engines.length === 0) return null;
  return (
    <section className={classes.loading} aria-label="Loading">
      {fetching ? (
        <ul className={classes.downloads}>
          {server.models.map((model) => (
            <Download key={model.id} model={model} />
          ))}
        </ul>
      ) : (
        <p>Starting: {engines.join(', ')}</p>
      )}
    </section>
  );
}

function Download({ model }: { readonly model: ModelStatus }) {
  const { name, bytes, receivedBytes, state } = model;
  const percent = Math.floor((100 * receivedBytes) / Math.max(1, bytes));
  return (
    <li className={classes.download}>
      <span className={classes.name}>{name}</span>
      <span className={classes.amount}>
        {state === 'downloading' ? `${formatBytes(receivedBytes)} of ${formatBytes(bytes)}` : stateWords[state]}
      </span>
      <Progress.Root size="sm" className={classes.bar}>
        <Progress.Section value={percent} aria-label={name} />
      </Progress.Root>
    </li>
  );
}
