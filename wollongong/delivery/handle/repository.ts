import { forgetRepository } from "../../account/repositories.ts";
import type { Wollongong } from "../../wollongong.ts";
import { need, type Payload } from "../payload.ts";

export function deletedRepository(wo: Wollongong, payload: Payload): string {
  const { id, name, owner } = need(payload.repository, "repository");
  forgetRepository(wo, id);
  return `${owner.login}/${name} is gone`;
}
