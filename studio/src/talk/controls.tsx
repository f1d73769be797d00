import { ActionIcon, Button } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { HangUpIcon, MicrophoneIcon, MutedIcon, StopIcon } from '../icons.js';
import classes from './controls.module.css';
import type { Talk } from './talk.js';
import { canCall, type TalkState } from './talk-state.js';

/** What can be pressed beside the orb. */
export function Controls({ talk, state }: { readonly talk: Talk; readonly state: TalkState }) {
  const { call, preferences } = state;
  const holds = call?.microphoneOn === true && preferences.mode === 'push-to-talk';
  return (
    <div className={classes.controls}>
      {holds && <HoldButton talk={talk} held={call.held} />}
      <div className={classes.row}>
        {call !== undefined && <MuteButton talk={talk} state={state} />}
        <Button
          className={classes.talk}
          size="xl"
          radius="xl"
          variant={call === undefined ? 'filled' : 'default'}
          {...(call !== undefined && { 'data-call': true })}
          leftSection={call === undefined ? <MicrophoneIcon size={24} /> : <HangUpIcon />}
          disabled={call === undefined && !canCall(state)}
          onClick={() => (call === undefined ? talk.talk() : talk.hangUp())}
        >
          {call === undefined ? 'Talk' : 'Hang up'}
        </Button>
        {call !== undefined && (
          <ActionIcon
            className={classes.side}
            size={56}
            radius="xl"
            variant="default"
            // Kept in the order of focus while the agent is silent: the button under a finger must not vanish.
            aria-disabled={call.activity !== 'speaking'}
            onClick={() => talk.interrupt()}
            aria-label="Interrupt the agent"
            title="Interrupt the agent (Esc)"
          >
            <StopIcon />
          </ActionIcon>
        )}
      </div>
    </div>
  );
}

function MuteButton({ talk, state: { call } }: { readonly talk: Talk; readonly state: TalkState }) {
  if (call === undefined) return null;
  const { microphoneOn, muted } = call;
  const label = microphoneOn ? 'Mute the microphone' : 'Use the microphone';
  return (
    <ActionIcon
      className={classes.side}
      size={56}
      radius="xl"
      variant="default"
      {...(microphoneOn && { 'aria-pressed': muted })}
      onClick={() => (microphoneOn ? talk.setMuted(!muted) : talk.talk())}
      aria-label={label}
      title={label}
    >
      {muted || !microphoneOn ? <MutedIcon /> : <MicrophoneIcon />}
    </ActionIcon>
  );
}

/** Takes the focus when it appears: Space then means what a caller who chose push-to-talk expects. */
function HoldButton({ talk, held }: { readonly talk: Talk; readonly held: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (document.activeElement?.matches('input, textarea') !== true) button.current?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) talk.hold();
  };
  return (
    <Button
      ref={button}
      className={classes.hold}
      size="xl"
      radius="xl"
      aria-pressed={held}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        talk.hold();
      }}
      onPointerUp={() => talk.release()}
      onPointerCancel={() => talk.release()}
      onKeyDown={onKeyDown}
      onBlur={() => talk.release()}
      onContextMenu={(event) => event.preventDefault()}
    >
      {held ? 'Listening…' : 'Hold to talk'}
    </Button>
  );
}
