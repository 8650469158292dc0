import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const KEPT = "yinse.theme";
const night = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function current(): Theme {
  const kept = localStorage.getItem(KEPT);
  if (kept === "light" || kept === "dark") {
    return kept;
  }
  return night.matches ? "dark" : "light";
}

/** The browser's own bars, where it has any, are of the page's colour. */
const PAPER: Readonly<Record<Theme, string>> = { light: "#f6f3ec", dark: "#111513" };

function present(): void {
  const theme = current();
  document.documentElement.dataset.theme = theme;
  for (const bar of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    bar.content = PAPER[theme];
  }
  for (const listener of listeners) {
    listener();
  }
}

/** Follow the system until somebody chooses. */
export function startTheme(): void {
  night.addEventListener("change", present);
  present();
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme);
  present();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}
