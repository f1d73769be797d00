import { useCallback, useEffect, useRef } from 'react';
import type { Talk } from '../talk.js';
import type { TalkState } from '../talk-state.js';
import { type AgentCaption, type CallerCaption, isVisible, splitAfterWords } from './captions.js';
import { Composer } from './composer.js';
import classes from './conversation.module.css';

/** Within this distance of the end the newest words stay in sight; who has scrolled further back is reading. */
const nearEndPx = 80;

/** What both sides say, as it is said, and the box to type in. */
export function Conversation({ talk, state }: { readonly talk: Talk; readonly state: TalkState }) {
  const { captions, preferences, call } = state;
  const list = useRef<HTMLDivElement>(null);
  const nearEnd = useRef(true);
  const keepEndInSight = useCallback(() => {
    if (nearEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the new words that scroll.
  useEffect(keepEndInSight, [captions]);
  useEffect(() => {
    const observer = new ResizeObserver(keepEndInSight);
    if (list.current) observer.observe(list.current);
    return () => observer.disconnect();
  }, [keepEndInSight]);
  const onScroll = (): void => {
    if (list.current === null) return;
    const { scrollHeight, scrollTop, clientHeight } = list.current;
    nearEnd.current = scrollHeight - scrollTop - clientHeight < nearEndPx;
  };
  const visible = captions.filter(isVisible);
  return (
    <section className={classes.conversation} aria-labelledby="conversation-title">
      <h2 id="conversation-title" className={classes.title}>
        Conversation
      </h2>
      <div
        ref={list}
        onScroll={onScroll}
        className={classes.captions}
        role="log"
        // The agent is heard: having it read out as well would talk over it.
        aria-live={preferences.announceCaptions ? 'polite' : 'off'}
        aria-labelledby="conversation-title"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
      >
        {visible.length === 0 && (
          <p className={classes.empty}>
            {call === undefined
              ? 'The words of both sides appear here while you talk.'
              : 'Say something, or write it below.'}
          </p>
        )}
        {visible.map((caption) =>
          caption.side === 'caller' ? (
            <CallerWords key={caption.id} caption={caption} />
          ) : (
            <AgentWords key={caption.id} caption={caption} />
          ),
        )}
      </div>
      <Composer talk={talk} state={state} />
    </section>
  );
}

function CallerWords({ caption }: { readonly caption: CallerCaption }) {
  const { typed, dropped, settled, changing } = caption;
  const who = typed ? 'You, in writing' : dropped ? 'You, in passing' : 'You';
  return (
    <div className={classes.caption} data-side="caller" data-dropped={dropped}>
      <span className={classes.who}>{who}</span>
      <p>
        <span data-words="settled">{settled}</span>
        {/* Words that are revised several times a second would be read out again each time. */}
        <span className={classes.changing} data-words="changing" aria-hidden="true">
          {changing}
        </span>
      </p>
    </div>
  );
}

function AgentWords({ caption }: { readonly caption: AgentCaption }) {
  const { clauses, interrupted } = caption;
  return (
    <div className={classes.caption} data-side="agent">
      <span className={classes.who}>Agent</span>
      <p>
        {interrupted?.heardWords === undefined ? (
          // One element for each clause: a screen reader then says the new ones only.
          clauses.map((clause, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: clauses are only ever added at the end.
            <span key={index}>{clause}</span>
          ))
        ) : (
          <CutWords text={clauses.join('')} heardWords={interrupted.heardWords} />
        )}
        {interrupted && (
          <>
            {' '}
            <span className={classes.mark}>interrupted</span>
          </>
        )}
      </p>
    </div>
  );
}

function CutWords({ text, heardWords }: { readonly text: string; readonly heardWords: number }) {
  const [heard, unheard] = splitAfterWords(text, heardWords);
  return (
    <>
      <span data-words="heard">{heard}</span>
      {unheard !== '' && (
        <del className={classes.unheard} data-words="unheard">
          {unheard}
        </del>
      )}
    </>
  );
}
