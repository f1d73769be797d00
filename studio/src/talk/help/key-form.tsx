import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import classes from './help.module.css';

/** Asks for the key that the server wants of every connection. It is kept for this tab only. */
export function KeyForm({ refused, onKey }: { readonly refused: boolean; readonly onKey: (key: string) => void }) {
  const [key, setKey] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (key.trim() !== '') onKey(key.trim());
  };
  return (
    <form className={classes.key} onSubmit={submit}>
      <PasswordInput
        label="Key of this server"
        description="Whoever runs it has one for you. It stays in this tab."
        error={refused && 'The server does not know this key. Is it whole, and not revoked?'}
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
        autoComplete="off"
      />
      <Button type="submit" variant="default">
        Use this key
      </Button>
    </form>
  );
}
