import { join, resolve } from "node:path"
import { readOrigins, readPreviewDomain, readPublicUrl, readTrustedProxies } from "./lib/addresses.ts"
import { readGitLab } from "./lib/gitlab-settings.ts"
import { ConfigError, type Env, envReader } from "./lib/env-reader.ts"
import { networkEnvironment } from "./lib/network-environment.ts"
import { readSecretKey } from "./lib/secret-key.ts"

/** Everything the server can be told. Read once, never changed. */
export type Config = Readonly<ReturnType<typeof read>>

/** Folder of the project, whatever the working directory is. */
export const projectRoot = join(import.meta.dir, "..")

/** The only reader of the environment. Throws `ConfigError` for the first value that cannot be used. */
export function loadConfig(env: Env): Config {
  return Object.freeze(read(env))
}

function read(env: Env) {
  const reader = envReader(env)
  const { text, integer, decimal, bytes, flag, choice, list, seconds, address } = reader
  const environment = choice(["GO_CHAT_ENV", "ENV", "NODE_ENV"], "production", ["production", "development", "test"])
  const port = integer(["PORT", "GO_CHAT_PORT"], 3000, { max: 65_535 })
  const publicUrl = readPublicUrl(reader, port)
  const dataDir = resolve(projectRoot, text("DATA_DIR") ?? ".data")

  return {
    environment,
    port,
    host: text("HOST") ?? "127.0.0.1",
    /** Without a slash at the end. */
    publicUrl,
    /** Host and port; apps are at `<name>.<previewDomain>`. */
    previewDomain: readPreviewDomain(reader, publicUrl, port),
    corsOrigins: readOrigins(reader),
    /** Addresses and ranges whose `X-Forwarded-For` is believed; empty = nobody's. */
    trustedProxies: readTrustedProxies(reader),

    /** Absolute. */
    dataDir,
    /** null = embedded. */
    databaseUrl: readDatabaseUrl(text("DATABASE_URL")),
    databasePoolSize: integer("DATABASE_POOL_SIZE", 10, { min: 2, max: 1000 }),
    secretKey: readSecret(text("GO_CHAT_SECRET_KEY")) ?? readSecretKey(dataDir),

    enableSignup: flag("ENABLE_SIGNUP", true),
    maxProjectsPerUser: integer("MAX_PROJECTS_PER_USER", 10),
    maxContainersPerUser: integer("MAX_CONTAINERS_PER_USER", 3),
    maxConcurrentChats: integer("MAX_CONCURRENT_CHATS", 100),
    maxStreamsPerUser: integer("MAX_STREAMS_PER_USER", 20),
    maxMessageChars: integer("MAX_MESSAGE_CHARS", 32_000),
    runTimeoutMinutes: integer("RUN_TIMEOUT_MINUTES", 15),

    /** null = the demo answers. */
    claudeApiKey: text(["CLAUDE_API_KEY", "ANTHROPIC_API_KEY"]),
    anthropicBaseUrl: address("ANTHROPIC_BASE_URL", "https://api.anthropic.com") ?? "https://api.anthropic.com",
    claudeModel: text("CLAUDE_MODEL") ?? "claude-sonnet-5-5",
    claudeMaxTokens: integer("CLAUDE_MAX_TOKENS", 16_384, { min: 256 }),
    contextMessageLimit: integer("CONTEXT_MESSAGE_LIMIT", 20),
    /** Empty = every model of the provider. */
    allowedModels: list("ALLOWED_MODELS"),

    /** auto = containers where an engine answers, else processes. */
    sandbox: choice("SANDBOX", "auto", ["auto", "docker", "process"]),
    /** Address of the container engine; null = where Docker and Podman listen by themselves. */
    dockerHost: readDockerHost(text("DOCKER_HOST")),
    /** One image for every app; null = the one its project names. */
    sandboxImage: text("SANDBOX_IMAGE"),
    sandboxEgress: choice("SANDBOX_EGRESS", "open", ["open", "registry", "none"]),
    /** Runtime that the engine knows by this name (gVisor: runsc); null = the engine's own. */
    sandboxRuntime: text("SANDBOX_RUNTIME"),
    /** Bytes. */
    containerMemory: bytes("CONTAINER_MEMORY_LIMIT", "2g", { min: 64 * 1024 ** 2 }),
    /** Processors, also parts of one. */
    containerCpus: decimal("CONTAINER_CPU_LIMIT", 1, { min: 0.05 }),
    /** Bytes of a project's files, data and caches together. */
    containerDisk: bytes("CONTAINER_DISK_LIMIT", "5g", { min: 16 * 1024 ** 2 }),
    /** Processes and threads of one container. */
    containerPids: integer("CONTAINER_PIDS_LIMIT", 512, { min: 16 }),
    containerIdleMinutes: integer("CONTAINER_IDLE_MINUTES", 30),

    /** null = checks run on this machine. */
    gitlab: readGitLab(reader),
    /** Proxies and certificates that lead git to it. */
    gitNetwork: networkEnvironment(env),

    logLevel: choice("LOG_LEVEL", "info", ["trace", "debug", "info", "warn", "error", "fatal"]),
    logFormat: choice("LOG_FORMAT", environment === "development" ? "text" : "json", ["json", "text"]),
    /** Seconds. */
    ssePingInterval: seconds(["SSE_PING_INTERVAL", "WS_PING_INTERVAL"], 15),

    /** Variables that are set and mean nothing to this version; named at the start. */
    unused: later.filter((name) => text(name) !== null),
  }
}

/** Settings of parts that this version does not have, and two old ones that streams made meaningless. */
const later = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST", "OLLAMA_TIMEOUT", "READ_TIMEOUT", "WRITE_TIMEOUT"]

function readDatabaseUrl(value: string | null): string | null {
  if (value === null || /^postgres(ql)?:\/\/[^/]+\/./.test(value)) return value
  throw new ConfigError(
    "DATABASE_URL",
    "must be the address of a Postgres database",
    "postgres://user:password@127.0.0.1:5432/gochat",
  )
}

function readSecret(value: string | null): string | null {
  if (value === null || value.length >= 32) return value
  throw new ConfigError(
    "GO_CHAT_SECRET_KEY",
    "is too short and must have at least 32 characters",
    "$(openssl rand -hex 32)",
  )
}

function readDockerHost(value: string | null): string | null {
  if (value === null || /^(unix:\/\/\/.+|tcp:\/\/[^/]+|https?:\/\/[^/]+)$/.test(value)) return value
  throw new ConfigError("DOCKER_HOST", "must be the address of a container engine", "unix:///var/run/docker.sock")
}
