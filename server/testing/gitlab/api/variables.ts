import { badRequest, created, noContent, notFound, ok } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, mustText, textOf } from "../http/values.ts"
import type { Project, Variable } from "../world.ts"
import { inProject } from "./find.ts"

const view = (variable: Variable) => ({
  variable_type: variable.variableType,
  key: variable.key,
  value: variable.value,
  hidden: false,
  protected: variable.protected,
  masked: variable.masked,
  raw: variable.raw,
  environment_scope: variable.environmentScope,
  description: variable.description,
})

function find(call: Call, project: Project): Variable {
  const variable = project.variables.find(({ key }) => key === call.params["key"])
  if (variable === undefined) throw notFound("Variable")
  return variable
}

function read(call: Call, key: string, known: Variable | null): Variable {
  return {
    key,
    value: textOf(call, "value") ?? known?.value ?? "",
    variableType: textOf(call, "variable_type") ?? known?.variableType ?? "env_var",
    protected: flagOf(call, "protected") ?? known?.protected ?? false,
    masked: flagOf(call, "masked") ?? known?.masked ?? false,
    raw: flagOf(call, "raw") ?? known?.raw ?? false,
    environmentScope: textOf(call, "environment_scope") ?? known?.environmentScope ?? "*",
    description: textOf(call, "description") ?? known?.description ?? null,
  }
}

/** Variables of a project. */
export const variableRoutes: Routes = {
  "GET /projects/:id/variables": inProject((call, project) => page(call, project.variables, view), 40),
  "GET /projects/:id/variables/:key": inProject((call, project) => ok(view(find(call, project))), 40),
  "POST /projects/:id/variables": inProject((call, project) => {
    const key = mustText(call, "key")
    mustText(call, "value")
    if (!/^\w{1,255}$/.test(key)) throw badRequest({ key: ["can contain only letters, digits and '_'."] })
    if (project.variables.some((known) => known.key === key)) throw badRequest({ key: [`(${key}) has already been taken`] }) // prettier-ignore
    const variable = read(call, key, null)
    if (variable.masked && variable.value.length < 8) throw badRequest({ value: ["is invalid"] })
    project.variables.push(variable)
    return created(view(variable))
  }, 40),
  "PUT /projects/:id/variables/:key": inProject((call, project) => {
    const known = find(call, project)
    return ok(view(Object.assign(known, read(call, known.key, known))))
  }, 40),
  "DELETE /projects/:id/variables/:key": inProject((call, project) => {
    project.variables.splice(project.variables.indexOf(find(call, project)), 1)
    return noContent()
  }, 40),
}
