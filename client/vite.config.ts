import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

/** Where the server listens while the client is developed with hot reload. */
const server = process.env["GO_CHAT_DEV_SERVER"] ?? "http://127.0.0.1:3000"
const served = ["/trpc", "/api", "/health", "/files", "/git", "/artifacts", "/preview"]

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The page allows no data: scripts and few inline images; small files stay files.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    allowedHosts: [".localhost"],
    proxy: Object.fromEntries(served.map((path) => [path, { target: server, changeOrigin: false }])),
  },
})
