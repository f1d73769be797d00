import { ActionIcon, NativeSelect, Popover, Switch } from '@mantine/core';
import { SettingsIcon } from '../../icons.js';
import type { Talk } from '../talk.js';
import type { TalkState } from '../talk-state.js';
import classes from './settings.module.css';

/** How to talk: which microphone, and how. */
export function SettingsButton({ talk, state }: { readonly talk: Talk; readonly state: TalkState }) {
  const { preferences, microphones, server, apiKey } = state;
  const keyed = 'keyRequired' in server && server.keyRequired && apiKey !== undefined;
  return (
    <Popover position="bottom-end" width={340} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Settings" title="Settings">
          <SettingsIcon />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Settings" tabIndex={-1}>
        <h2 className={classes.title}>Settings</h2>
        <div className={classes.rows}>
          <NativeSelect
            label="Microphone"
            {...(microphones.length === 0 && { description: 'Named once the browser allows this page to use one.' })}
            value={preferences.deviceId ?? ''}
            onChange={({ currentTarget }) => talk.setPreferences({ deviceId: currentTarget.value || undefined })}
            data={[
              { value: '', label: "The browser's default" },
              ...microphones
                .filter(({ deviceId }) => deviceId !== 'default')
                .map(({ deviceId, label }) => ({ value: deviceId, label })),
            ]}
          />
          <Switch
            label="Echo cancellation"
            description="Off only with headphones: the agent would hear itself."
            checked={preferences.echoCancellation}
            onChange={({ currentTarget }) => talk.setPreferences({ echoCancellation: currentTarget.checked })}
          />
          <Switch
            label="Push to talk"
            description="The agent listens only while you hold the button or Space."
            checked={preferences.mode === 'push-to-talk'}
            onChange={({ currentTarget }) =>
              talk.setPreferences({ mode: currentTarget.checked ? 'push-to-talk' : 'hands-free' })
            }
          />
          <Switch
            label="Read captions to screen readers"
            description="They then say the words of both sides as they come."
            checked={preferences.announceCaptions}
            onChange={({ currentTarget }) => talk.setPreferences({ announceCaptions: currentTarget.checked })}
          />
          {keyed && (
            <button type="button" className={classes.forget} onClick={() => talk.setApiKey('')}>
              Use another key of this server
            </button>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
