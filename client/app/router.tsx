import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  useNavigate,
} from "@tanstack/react-router"
import { SignInPage } from "../features/account/sign-in-page.tsx"
import { isSignedOut } from "../lib/error-text.ts"
import { queries } from "../lib/trpc.ts"
import { ErrorPage, MissingPage } from "./error-page.tsx"
import { Layout } from "./layout.tsx"
import { type ProjectSearch, readProjectSearch } from "../lib/project-search.ts"

/** Only for people with an account; others sign in first and come back. */
async function signedIn({ location }: { location: { href: string } }): Promise<void> {
  try {
    await queries.account.get.ensureData()
  } catch (error) {
    if (isSignedOut(error)) throw redirect({ to: "/sign-in", search: { to: location.href } })
    throw error
  }
}

const root = createRootRoute({ component: Layout, errorComponent: ErrorPage, notFoundComponent: MissingPage })

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    // Only paths of this page: `//elsewhere` would leave it.
    typeof search["to"] === "string" && /^\/(?![/\\])/.test(search["to"]) ? { to: search["to"] } : {},
  component: function SignIn() {
    const navigate = useNavigate()
    const { to } = signIn.useSearch()
    const onDone = () => {
      // The way to a preview leads through the server.
      if (to?.startsWith("/preview/")) location.replace(to)
      else void navigate({ href: to ?? "/", replace: true })
    }
    return <SignInPage onDone={onDone} />
  },
})

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("../features/project/home-page.tsx"), "HomePage"),
})

const project = createRoute({
  getParentRoute: () => root,
  path: "/projects/$projectId",
  beforeLoad: signedIn,
  validateSearch: (search: Record<string, unknown>): ProjectSearch => readProjectSearch(search),
  component: lazyRouteComponent(() => import("./project-screen.tsx"), "ProjectScreen"),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("../features/account/settings-page.tsx"), "SettingsPage"),
})

export const router = createRouter({
  routeTree: root.addChildren([signIn, home, project, settings]),
  defaultPreload: "intent",
  scrollRestoration: false,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}
