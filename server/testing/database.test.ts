import { expect, test } from "bun:test"
import { testDatabase } from "./database.ts"

test("every caller gets a migrated database of its own", async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()])
  try {
    expect(one.url).not.toBe(two.url)
    await one.client`create table mark (n int)`
    const [seen] = await two.client`select to_regclass('mark') as mark, to_regclass('projects') as projects`
    expect(seen).toMatchObject({ mark: null, projects: "projects" })
  } finally {
    await Promise.all([one.close(), two.close()])
  }
})
