/** A long call must not grow the page without end. */
const maxCaptions = 200;

/**
 * The words of both sides, in the order in which the turns began.
 * @param {HTMLElement} list
 * @param {HTMLElement} empty shown while there is no caption
 */
export function createCaptions(list, empty) {
  const captions = new Map();

  function captionOf(itemId, side) {
    const known = captions.get(itemId);
    if (known !== undefined) return known;
    const caption = buildCaption(side);
    captions.set(itemId, caption);
    list.append(caption.root);
    if (captions.size > maxCaptions) {
      const [oldestId, oldest] = captions.entries().next().value;
      oldest.root.remove();
      captions.delete(oldestId);
    }
    return caption;
  }

  function show(caption) {
    const nearEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    caption.root.hidden = caption.settled.textContent === '' && caption.partial.textContent === '';
    if (!caption.root.hidden) empty.hidden = true;
    if (nearEnd) list.scrollTop = list.scrollHeight;
  }

  return {
    clear() {
      for (const { root } of captions.values()) root.remove();
      captions.clear();
      empty.hidden = false;
    },
    /** Keeps the place of a caller's turn: its words may come after the reply has begun. */
    beginCaller(itemId) {
      captionOf(itemId, 'caller');
    },
    /** One of `confirmed`, `partial` and `final`, each the whole text so far. */
    setCaller(itemId, { confirmed, partial, final }) {
      const caption = captionOf(itemId, 'caller');
      if (caption.final) return;
      if (final !== undefined) {
        caption.final = true;
        setText(caption, final, '');
      } else if (confirmed !== undefined) {
        setText(caption, confirmed, remainder(caption.settled.textContent + caption.partial.textContent, confirmed));
      } else if (partial !== undefined) {
        const settled = caption.settled.textContent;
        setText(caption, settled, partial.startsWith(settled) ? partial.slice(settled.length) : '');
      }
      show(caption);
    },
    appendAgent(itemId, words) {
      const caption = captionOf(itemId, 'agent');
      // A new text node per step: a screen reader then announces the new words only.
      caption.settled.append(words);
      show(caption);
    },
    markInterrupted(itemId) {
      const caption = captions.get(itemId);
      if (caption === undefined || caption.root.classList.contains('interrupted')) return;
      caption.root.classList.add('interrupted');
      const mark = document.createElement('span');
      mark.className = 'mark';
      mark.textContent = ' (interrupted)';
      caption.settled.after(mark);
    },
    /** At the end of a call nothing is revised any more. */
    settle() {
      for (const caption of captions.values()) {
        if (caption.partial.textContent === '') continue;
        setText(caption, caption.settled.textContent + caption.partial.textContent, '');
      }
    },
  };
}

function buildCaption(side) {
  const root = document.createElement('div');
  root.className = `caption ${side}`;
  root.hidden = true;
  const who = document.createElement('span');
  who.className = 'who';
  who.textContent = side === 'caller' ? 'You' : 'Agent';
  const words = document.createElement('p');
  const settled = document.createElement('span');
  settled.className = 'settled';
  const partial = document.createElement('span');
  partial.className = 'partial';
  // Words that are revised several times a second would be read out again each time.
  partial.setAttribute('aria-hidden', 'true');
  words.append(settled, partial);
  root.append(who, words);
  return { root, settled, partial, final: false };
}

function setText(caption, settled, partial) {
  if (caption.settled.textContent !== settled) caption.settled.textContent = settled;
  if (caption.partial.textContent !== partial) caption.partial.textContent = partial;
}

function remainder(text, head) {
  return text.startsWith(head) ? text.slice(head.length) : '';
}
