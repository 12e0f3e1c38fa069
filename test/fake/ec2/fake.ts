import type { World } from "../../../core/common/world.ts";
import { ACTIONS } from "./actions.ts";
import { Cloud, Ec2Error } from "./cloud.ts";
import { type Parameters, parametersOf, textOf } from "./query.ts";
import { answerXml, errorXml } from "./xml.ts";

/** The one key that the fake knows. */
export const ACCESS_KEY = "AKIAFAKEFAKEFAKEFAKE";

/** EC2 over HTTP on a free port, as far as a factory needs it. Source: the EC2 API reference, version 2016-11-15. */
export class FakeEc2 implements AsyncDisposable {
  readonly cloud: Cloud;
  /** Every call that was answered, in order: `RunInstances ok`, or with the code of the error. */
  readonly calls: string[] = [];
  readonly #server;
  #requests = 0;

  constructor(world: World) {
    this.cloud = new Cloud(world);
    this.#server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#answer(request) });
  }

  get url(): string {
    return this.#server.url.href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const asked = parametersOf(new URLSearchParams(await request.text()));
    const action = textOf(asked["Action"]) ?? "";
    const id = `request-${++this.#requests}`;
    const headers = { "content-type": "text/xml;charset=UTF-8" };
    try {
      const body = answerXml(action, id, this.#do(action, asked, request));
      this.calls.push(`${action} ok`);
      await this.cloud.habits.late.get(action);
      // Any answer would do that the other end cannot take for one.
      if (takeOne(this.cloud.habits.lost, action)) return new Response("gone", { status: 502 });
      return new Response(body, { headers });
    } catch (error) {
      const refused = error instanceof Ec2Error ? error : new Ec2Error("InternalError", String(error), 500);
      this.calls.push(`${action} ${refused.code}`);
      return new Response(errorXml(refused.code, refused.message, id), { status: refused.status, headers });
    }
  }

  #do(action: string, asked: Parameters, request: Request) {
    const { throttled, refused } = this.cloud.habits;
    if (!request.headers.get("authorization")?.startsWith(`AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/`))
      throw new Ec2Error("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
    if (takeOne(throttled, action)) throw new Ec2Error("RequestLimitExceeded", "Request limit exceeded.", 503);
    const code = refused.get(action);
    if (code) throw new Ec2Error(code, "as the test wants it");
    const act = ACTIONS[action];
    if (!act) throw new Ec2Error("InvalidAction", `The action ${action} is not valid for this web service.`);
    return act(this.cloud, asked);
  }
}

/** @returns whether there was one left */
function takeOne(left: Map<string, number>, action: string): boolean {
  const count = left.get(action) ?? 0;
  left.set(action, Math.max(0, count - 1));
  return count > 0;
}
