import { useEffect } from 'react';
import type { Talk } from './talk.js';

/**
 * Keys that work wherever the focus is: Escape or I interrupts; Space or Enter begins a call, or is held to talk. A key
 * that means something to the element in focus keeps that meaning.
 */
export function useShortcuts(talk: Talk): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target, key, repeat } = event;
      // There Escape closes what is open.
      if (isInDialog(target)) return;
      if (key === 'Escape' || (key.toLowerCase() === 'i' && !isTextField(target))) {
        talk.interrupt();
        return;
      }
      if ((key !== ' ' && key !== 'Enter') || isControl(target)) return;
      const { call, preferences } = talk.state();
      if (call !== undefined && preferences.mode !== 'push-to-talk') return;
      event.preventDefault();
      if (repeat) return;
      if (call === undefined) talk.talk();
      else talk.hold();
    };
    const onKeyUp = ({ key }: KeyboardEvent): void => {
      if (key === ' ' || key === 'Enter') talk.release();
    };
    // Whoever leaves the window has let go of the key, which the page would never hear of.
    const onBlur = (): void => talk.release();
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', onBlur);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', onBlur);
    };
  }, [talk]);
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"]') !== null;
}

function isTextField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input:not([type="checkbox"]), textarea, select') !== null;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, input, textarea, select, summary') !== null;
}
