import { useEffect } from 'react';
import type { Talk } from './talk/talk.js';
import { TalkPage } from './talk/talk-page.js';

export function App({ talk }: { readonly talk: Talk }) {
  useEffect(() => talk.open(), [talk]);
  return <TalkPage talk={talk} />;
}
