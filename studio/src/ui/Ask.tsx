import { type ReactNode, useLayoutEffect, useRef } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

interface AskProps {
  title: string;
  open: boolean;
  /** Called when somebody turns away from it; without it, they cannot. */
  onClose?: () => void;
  children: ReactNode;
}

/** A question, or a small task, above the page. */
export function Ask({ title, open, onClose, children }: AskProps) {
  useReturn(open);
  return (
    <ModalOverlay
      className="veil"
      isDismissable={onClose !== undefined}
      isKeyboardDismissDisabled={onClose === undefined}
      isOpen={open}
      onOpenChange={(on) => !on && onClose?.()}
    >
      <Modal className="dialog">
        <Dialog>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/**
 * Closing, a dialog gives the keyboard back to what opened it. Where that is gone, because of what was done in the
 * dialog, it goes on in the part of the page where it was.
 */
function useReturn(open: boolean): void {
  const part = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    if (open) {
      part.current = document.activeElement?.closest<HTMLElement>('[tabindex="-1"]') ?? null;
      return;
    }
    // The dialog itself gives back in the next frame, so look in the one after.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        if (document.activeElement === document.body) {
          part.current?.focus({ preventScroll: true });
        }
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [open]);
}
