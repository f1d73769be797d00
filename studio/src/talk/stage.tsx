import type { ReactNode } from 'react';
import { Controls } from './controls.js';
import { HelpPanel } from './help/help-panel.js';
import { KeyForm } from './help/key-form.js';
import { Kbd } from './kbd.js';
import { LoadingModels } from './models/loading-models.js';
import { LevelHistory } from './presence/level-history.js';
import { Orb } from './presence/orb.js';
import classes from './stage.module.css';
import type { Talk } from './talk.js';
import { isKeyRefused, type Mood, moodOf, type TalkState } from './talk-state.js';

const words: Readonly<Record<Mood, string>> = {
  loading: 'Getting ready',
  unreachable: 'No answer',
  failed: 'Out of order',
  draining: 'About to stop',
  locked: 'Your key, please',
  idle: 'Ready when you are',
  connecting: 'Connecting',
  listening: 'Listening',
  thinking: 'Thinking',
  speaking: 'Speaking',
  waiting: 'Your turn',
};

/** The call itself: who has the floor, how loud, and what can be pressed. */
export function Stage({ talk, state }: { readonly talk: Talk; readonly state: TalkState }) {
  const { help, server, call } = state;
  const mood = moodOf(state);
  const loading = server.kind === 'loading' && call === undefined;
  const crowded = help !== undefined || loading || mood === 'locked';
  return (
    <section className={classes.stage} data-crowded={crowded} aria-labelledby="stage-title">
      <h2 id="stage-title" className="unseen">
        Call
      </h2>
      {crowded && (
        <div className={classes.notices}>
          {help !== undefined && <HelpPanel help={help} onDismiss={() => talk.dismissHelp()} />}
          {loading && <LoadingModels server={server} />}
          {mood === 'locked' && <KeyForm refused={isKeyRefused(state)} onKey={(key) => talk.setApiKey(key)} />}
        </div>
      )}
      <div className={classes.presence}>
        <Orb mood={mood} levels={talk.levels} live={call !== undefined} />
        <p className={classes.mood} data-mood={mood}>
          {words[mood]}
        </p>
        <p className={classes.hint}>
          <Hint mood={mood} state={state} />
        </p>
      </div>
      <LevelHistory levels={talk.levels} live={call !== undefined} />
      <Controls talk={talk} state={state} />
    </section>
  );
}

function Hint({ mood, state }: { readonly mood: Mood; readonly state: TalkState }) {
  const holds = state.preferences.mode === 'push-to-talk';
  switch (mood) {
    case 'idle':
      return (
        <>
          Press Talk
          <Keys>
            {' '}
            or <Kbd>Space</Kbd>
          </Keys>
          , and speak.
        </>
      );
    case 'listening':
      return state.call?.muted
        ? 'Your microphone is muted.'
        : holds
          ? 'Let go when you are done.'
          : 'Speak whenever you like.';
    case 'waiting':
      return state.call?.microphoneOn ? (
        <>
          Hold the button
          <Keys>
            {' '}
            or <Kbd>Space</Kbd>
          </Keys>{' '}
          while you speak.
        </>
      ) : (
        'Write, or switch the microphone on.'
      );
    case 'speaking':
      return (
        <>
          {state.call?.microphoneOn && !holds ? 'Just speak to interrupt' : 'Press the square to interrupt'}
          <Keys>
            , or press <Kbd>Esc</Kbd>
          </Keys>
          .
        </>
      );
    default:
      return '';
  }
}

/** Advice for those who have a keyboard before them. */
function Keys({ children }: { readonly children: ReactNode }) {
  return <span className={classes.keys}>{children}</span>;
}
