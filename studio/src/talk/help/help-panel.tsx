import { CloseButton } from '@mantine/core';
import classes from './help.module.css';
import type { Help } from './problems.js';

/** Says at once, also to screen readers, what is wrong and what to do. */
export function HelpPanel({ help, onDismiss }: { readonly help: Help; readonly onDismiss: () => void }) {
  const { kind, title, text, steps = [] } = help;
  return (
    <div className={classes.help} data-kind={kind} role={kind === 'problem' ? 'alert' : 'status'}>
      <div className={classes.words}>
        <h3>{title}</h3>
        <p>{text}</p>
        {steps.length > 0 && (
          <ul>
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        )}
      </div>
      <CloseButton size="sm" onClick={onDismiss} aria-label="Close this message" />
    </div>
  );
}
