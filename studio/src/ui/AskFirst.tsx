import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Ask } from "./Ask";
import { Button } from "./kit";
import { Trouble } from "./say";

interface AskFirstProps {
  title: string;
  /** What will be lost. */
  children: ReactNode;
  /** What the button that does it says. */
  act: string;
  run: () => Promise<unknown>;
  /** The button that asks; call `ask` when it is pressed. */
  trigger: (ask: () => void) => ReactNode;
}

/** Something that cannot be undone: asked once more before it is done, with its error where it fails. */
export function AskFirst({ title, children, act, run, trigger }: AskFirstProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const doing = useMutation({ mutationFn: run, onSuccess: () => setOpen(false) });
  const ask = () => {
    doing.reset();
    setOpen(true);
  };
  return (
    <>
      {trigger(ask)}
      <Ask title={title} open={open} onClose={() => setOpen(false)}>
        <p>{children}</p>
        <Trouble error={doing.error} />
        <div className="row end">
          <Button onPress={() => setOpen(false)}>{t("common.cancel")}</Button>
          <Button look="record" isPending={doing.isPending} onPress={() => doing.mutate()}>
            {act}
          </Button>
        </div>
      </Ask>
    </>
  );
}
