/** Frames without a focus after which nobody else gives it back: a dialog that has gone does so within one or two. */
const FRAMES_LOST = 3;

/**
 * Keep the keyboard where it was when what had the focus leaves the page, whoever took it away: it goes on at the nearest
 * part around it that is still there. A part is marked by `tabIndex={-1}`; around a dialog lies the part it was opened from.
 */
export function keepFocus(page: HTMLElement): void {
  let last: Element | null = null;
  let around: HTMLElement[] = [];
  let aroundInPage: HTMLElement[] = [];
  let frame = 0;
  // Whoever lets go of something that stays, by a press beside it, wants to be nowhere.
  const isLost = () => document.activeElement === document.body && last !== null && !last.isConnected;
  const look = (framesLost: number) => {
    if (!isLost()) {
      return;
    }
    if (framesLost < FRAMES_LOST) {
      frame = requestAnimationFrame(() => look(framesLost + 1));
    } else {
      around.find((part) => part.isConnected)?.focus({ preventScroll: true });
    }
  };
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof Element)) {
      return;
    }
    last = target;
    around = partsAround(target);
    if (page.contains(target)) {
      aroundInPage = around;
    } else {
      around = [...around, ...aroundInPage];
    }
  });
  new MutationObserver(() => {
    cancelAnimationFrame(frame);
    look(0);
  }).observe(document.body, { childList: true, subtree: true });
}

/** The nearest one first. */
function partsAround(inner: Element): HTMLElement[] {
  const part = inner.parentElement?.closest<HTMLElement>('[tabindex="-1"]');
  return part ? [part, ...partsAround(part)] : [];
}
