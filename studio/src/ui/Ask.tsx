import type { ReactNode } from "react";
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
