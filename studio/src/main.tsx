import "@fontsource-variable/instrument-sans/index.css";
import "@fontsource-variable/source-serif-4/opsz.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/parts.css";
import "./styles/layout.css";
import "./styles/welcome.css";
import "./styles/record.css";
import "./styles/voices.css";
import "./styles/speak.css";
import "./styles/figures.css";
import "./styles/touch.css";
import "./styles/forced.css";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { Refusal } from "./api/problem";
import { noticed, noticedDoing } from "./api/session";
import { startLanguages } from "./i18n";
import { router } from "./routes";
import { keepFocus } from "./ui/focus";
import { startTheme } from "./ui/theme";
import { ToastRegion } from "./ui/toast";

const MOST_TRIES = 2;

const cache: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => noticed(cache, error) }),
  mutationCache: new MutationCache({ onError: (error) => noticedDoing(cache, error) }),
  defaultOptions: {
    // The service may run on this very machine: the browser's opinion of the network does not matter.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      // What the service refuses it refuses again; only what did not arrive is worth another try.
      retry: (tries, error) => !(error instanceof Refusal) && tries < MOST_TRIES,
      refetchOnWindowFocus: false,
    },
  },
});

startTheme();
await startLanguages();
const root = document.getElementById("root");
if (root) {
  keepFocus(root);
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={cache}>
        <ToastRegion>
          <RouterProvider router={router} />
        </ToastRegion>
      </QueryClientProvider>
    </StrictMode>,
  );
}
