import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const SECONDS = 4;

/** How something is said: `aloud` is for screen readers only, where everybody else sees it anyway. */
type Manner = "shown" | "aloud";

type Tell = (text: string, manner?: Manner) => void;

const Toasts = createContext<Tell>(() => undefined);

/** Say something in passing. */
export function useTell(): Tell {
  return useContext(Toasts);
}

interface Told {
  id: number;
  text: string;
  manner: Manner;
}

let told = 0;

/**
 * Where things are said. It is there before anything is said in it, which is when screen readers listen, and it stays
 * heard while a dialog hides the page behind it.
 */
export function ToastRegion({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly Told[]>([]);
  const tell = useCallback<Tell>((text, manner = "shown") => {
    const id = told++;
    setShown((before) => [...before, { id, text, manner }]);
    setTimeout(() => setShown((before) => before.filter((toast) => toast.id !== id)), SECONDS * 1000);
  }, []);
  return (
    <Toasts value={tell}>
      {children}
      <div className="toasts" role="status" aria-atomic="false" data-react-aria-top-layer>
        {shown.map(({ id, text, manner }) => (
          <div key={id} className={manner === "shown" ? "toast" : "visually-hidden"}>
            {text}
          </div>
        ))}
      </div>
    </Toasts>
  );
}
