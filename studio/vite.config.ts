import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development the API runs beside: `yinse serve` on its usual port.
const api = { target: "http://127.0.0.1:8700", ws: true };

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { "/v1": api, "/healthz": api, "/readyz": api, "/metrics": api } },
  test: { pool: "threads", fileParallelism: false, isolate: false, include: ["src/**/*.test.{ts,tsx}"] },
});
