import { expect, test } from "bun:test";
import { aJob } from "../../../core/fixture.ts";
import { Scene } from "./scene.ts";

test("a target that is renamed leaves a signpost, which needs what it needs, and leads jobs to it", async () => {
  await using scene = await Scene.open();
  const { admin, alice, target } = scene;
  await admin.call("target_require_privilege", { path: { target, privilege: "big" } });
  const body = { new_name: "linux", signpost_description: "is called linux now" };
  const { id: signpost } = await admin.call("target_rename", { path: { target }, body });
  expect(await admin.call("targets_list")).toMatchObject([
    { id: target, name: "linux", redirect: null, privilege: "big" },
    { id: signpost, name: "default", desc: "is called linux now", redirect: target, privilege: "big" },
  ]);
  expect(await alice.status("job_submit", { body: aJob() })).toBe(403);
  await admin.call("user_privilege_grant", { path: { user: alice.id, privilege: "big" } });
  const job = await scene.submit();
  expect(await scene.job(job)).toMatchObject({ target: "default", target_real: "linux" });
  expect(await scene.lease()).toBe(job);
});

test("through a signpost, what counts is what the last target needs; a job stays where it was led to", async () => {
  await using scene = await Scene.open();
  const { admin, alice } = scene;
  const create = async (name: string) => (await admin.call("target_create", { body: { name, desc: "" } })).id;
  const [sign, end] = [await create("sign"), await create("end")];
  await admin.call("target_redirect", { path: { target: sign }, body: { redirect: end } });
  await admin.call("target_require_privilege", { path: { target: sign, privilege: "of-the-sign" } });
  const submit = () => alice.ask("job_submit", { body: aJob({ target: "sign" }) });
  const first = await submit();
  expect(first.status).toBe(201);
  await admin.call("target_require_privilege", { path: { target: end, privilege: "of-the-end" } });
  expect((await submit()).status).toBe(403);
  await admin.call("target_redirect", { path: { target: sign }, body: { redirect: null } });
  expect((await submit()).status).toBe(403);
  await admin.call("target_require_no_privilege", { path: { target: sign } });
  expect((await submit()).status).toBe(201);
  expect(await scene.job((first.json as { id: string }).id)).toMatchObject({ target: "sign", target_real: "end" });
});
