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

/** Frames without a focus after which nobody will give it back. */
const FRAMES_LOST = 3;

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
    // It fades first, however long that takes, and itself gives back in the frame after it has gone.
    let lost = 0;
    const look = () => {
      const focused = document.activeElement;
      lost = focused === document.body ? lost + 1 : 0;
      if (lost === FRAMES_LOST) {
        part.current?.focus({ preventScroll: true });
      } else if (lost > 0 || focused?.closest("[role=dialog]")) {
        frame = requestAnimationFrame(look);
      }
    };
    let frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [open]);
}
