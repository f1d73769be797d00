import { ActionIcon, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { SendIcon } from '../../icons.js';
import type { Talk } from '../talk.js';
import { canCall, type TalkState } from '../talk-state.js';
import classes from './conversation.module.css';

/** As much as a person types in one go; the server bears more. */
const maxCharacters = 2_000;

/** Typing instead of talking. */
export function Composer({ talk, state }: { readonly talk: Talk; readonly state: TalkState }) {
  const [text, setText] = useState('');
  const able = state.call !== undefined || canCall(state);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!able || text.trim() === '') return;
    talk.type(text);
    setText('');
  };
  return (
    <form className={classes.composer} onSubmit={submit}>
      <TextInput
        className={classes.box}
        size="md"
        radius="xl"
        aria-label="Write to the agent"
        placeholder={state.call === undefined ? 'No microphone? Write instead' : 'Or write'}
        value={text}
        maxLength={maxCharacters}
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ActionIcon type="submit" size={42} radius="xl" aria-label="Send" disabled={!able || text.trim() === ''}>
        <SendIcon />
      </ActionIcon>
    </form>
  );
}
