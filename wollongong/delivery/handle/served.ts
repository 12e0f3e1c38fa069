import type { Wollongong } from "../../wollongong.ts";
import { Meaningless, need, type Payload, type Repository } from "../payload.ts";

/** The repository and installation of a payload whose owner we serve. @throws Meaningless */
export function served({ config }: Wollongong, payload: Payload): { repository: Repository; install: number } {
  const repository = need(payload.repository, "repository");
  const { login } = repository.owner;
  if (!config.allow_owners.includes(login)) throw new Meaningless(`${login} is not among allow_owners`);
  return { repository, install: need(payload.installation, "installation").id };
}
