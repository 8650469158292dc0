import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const SECONDS = 4;

type Tell = (text: string) => void;

const Toasts = createContext<Tell>(() => undefined);

/** Say something in passing. */
export function useTell(): Tell {
  return useContext(Toasts);
}

export function ToastRegion({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly { id: number; text: string }[]>([]);
  const tell = useCallback((text: string) => {
    const id = performance.now();
    setShown((before) => [...before, { id, text }]);
    setTimeout(() => setShown((before) => before.filter((toast) => toast.id !== id)), SECONDS * 1000);
  }, []);
  return (
    <Toasts value={tell}>
      {children}
      <div className="toasts" role="status">
        {shown.map((toast) => (
          <div key={toast.id} className="toast">
            {toast.text}
          </div>
        ))}
      </div>
    </Toasts>
  );
}
