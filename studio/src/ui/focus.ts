import { type RefObject, useEffect, useRef } from "react";

/**
 * Where the keyboard goes on when `key` changes and what had the focus is gone with it: at the part of the page that the
 * returned reference is given to, which needs `tabIndex={-1}`. A key is undefined until there is something to focus.
 */
export function useFocusKept<E extends HTMLElement>(key: unknown): RefObject<E | null> {
  const part = useRef<E>(null);
  const shown = useRef(key);
  useEffect(() => {
    const before = shown.current;
    shown.current = key;
    // What was not there yet had no focus to lose.
    if (before !== undefined && before !== key && document.activeElement === document.body) {
      part.current?.focus({ preventScroll: true });
    }
  }, [key]);
  return part;
}
