import { ColorSchemeButton } from '../color-scheme-button.js';
import { Conversation } from './conversation/conversation.js';
import { ModelsButton } from './models/models-button.js';
import { SettingsButton } from './settings/settings-button.js';
import { Stage } from './stage.js';
import type { Talk } from './talk.js';
import classes from './talk-page.module.css';
import { moodOf } from './talk-state.js';
import { TimingPanel } from './timing/timing-panel.js';
import { useShortcuts } from './use-shortcuts.js';
import { useTalk } from './use-talk.js';

/** Talk to the agent of this server. */
export function TalkPage({ talk }: { readonly talk: Talk }) {
  const state = useTalk(talk);
  useShortcuts(talk);
  const { server, turns, preferences } = state;
  return (
    <div className={classes.page} data-mood={moodOf(state)} data-talk-page>
      <header className={classes.header}>
        <h1 className={classes.brand}>
          <img src="/icon.svg" alt="" width={28} height={28} />
          Parley
        </h1>
        <div className={classes.tools}>
          <ModelsButton server={server} />
          <SettingsButton talk={talk} state={state} />
          <ColorSchemeButton />
        </div>
      </header>
      <main className={classes.main}>
        <Stage talk={talk} state={state} />
        <Conversation talk={talk} state={state} />
        <TimingPanel
          turns={turns}
          open={preferences.timingOpen}
          onToggle={(timingOpen) => talk.setPreferences({ timingOpen })}
        />
      </main>
      <p className="unseen" role="status">
        {state.announcement}
      </p>
    </div>
  );
}
