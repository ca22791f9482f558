import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"
import { storeInDev } from "./store-server.js"

export default defineConfig({
  plugins: [react(), { name: "store", configureServer: (server) => storeInDev(server.middlewares) }],
  server: {
    host: process.env.HOST ?? "127.0.0.1",
    port: Number(process.env.PORT ?? 3000),
    strictPort: true,
    // Whoever may open the app is decided in front of it. The page finds the way back for live changes by its own address.
    allowedHosts: true,
  },
})
