import { Button, Popover } from '@mantine/core';
import { ModelsIcon } from '../../icons.js';
import type { ServerStatus } from '../../server/server-status.js';
import { formatMs } from '../timing/waterfall.js';
import { formatBytes } from './format-bytes.js';
import classes from './models.module.css';

/** Which models do the work, with what licence, and how large. */
export function ModelsButton({ server }: { readonly server: ServerStatus }) {
  const models = 'models' in server ? server.models : [];
  const expected = server.kind === 'ready' ? server.expect : undefined;
  const total = models.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <Popover position="bottom-end" width={360} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="sm"
          radius="md"
          className={classes.button}
          leftSection={<ModelsIcon />}
        >
          Models
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Models in use" tabIndex={-1}>
        <h2 className={classes.title}>Models in use</h2>
        {models.length === 0 ? (
          <p className={classes.note}>The server has not said yet.</p>
        ) : (
          <>
            <ul className={classes.models}>
              {models.map(({ id, job, name, licence, bytes }) => (
                <li key={id}>
                  <span className={classes.job}>{job}</span>
                  <span className={classes.name}>{name}</span>
                  <span className={classes.amount}>
                    {licence} · {formatBytes(bytes)}
                  </span>
                </li>
              ))}
            </ul>
            <p className={classes.note}>
              {formatBytes(total)} together. They run on the machine of this server.
              {expected &&
                ` It should answer in about ${formatMs(expected.responseLatencyMs)} and carry ${countOfCalls(expected.concurrentCalls)}.`}
            </p>
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function countOfCalls(calls: number): string {
  return calls === 1 ? 'one call' : `${calls} calls at once`;
}
