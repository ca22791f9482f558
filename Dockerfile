# Go Chat as an image: docker build -t gochat . (docs/operations.md tells how it is run).
# Any Debian with Bun 1.4.5 or newer as `bun`.
ARG BUN_IMAGE=oven/bun:1.4.5

FROM ${BUN_IMAGE} AS base
# Empty: nothing is installed, because the image above has git already.
ARG PACKAGES="ca-certificates git"
USER root
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update \
      && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $PACKAGES \
      && rm -rf /var/lib/apt/lists/*; \
    fi \
    && git --version
WORKDIR /app

# What the server needs to run, and nothing that only builds or tests it.
FROM base AS modules
COPY package.json bun.lock bunfig.toml ./
COPY server/ports/database/patches server/ports/database/patches
RUN bun install --frozen-lockfile --production

FROM modules AS client
RUN bun install --frozen-lockfile
COPY . .
RUN bun server/prepare.ts

FROM base
ENV NODE_ENV=production \
    BUN_CONFIG_MAX_HTTP_REQUESTS=4096 \
    HOME=/tmp \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/var/lib/gochat
COPY --from=modules /app/node_modules node_modules
COPY . .
COPY --from=client /app/client/dist client/dist
# Never root. Whoever runs apps in containers gives this account the group of the engine's socket.
RUN mkdir -m 700 /var/lib/gochat && chown 1000:1000 /var/lib/gochat
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["bun", "--smol", "server/healthy.ts"]
ENTRYPOINT []
# Not through a shell: the server hears signals itself and ends well within ten seconds.
CMD ["bun", "server/main.ts"]
