import { EXIT } from "../../../../core/common/command/failure.ts";
import { defineCommand } from "../../../command.ts";
import { factoryId } from "../../../lookup.ts";
import { workerPages } from "../../../workers.ts";

/** Between two looks, ms. */
const EVERY = 3_000;

export default defineCommand({
  args: ["FACTORY"],
  options: { "no-wait": { short: "W", about: "do not wait until its last machine is gone" } },
  help: "It gets no more jobs; those that it has go on. Waits until all its machines are gone, and says what it waits for.",
  async run(context, [name = ""], options) {
    const { out, signal, world } = context;
    const client = context.admin();
    const factory = await factoryId(client, name);
    await client.call("factory_drain", { path: { factory } });
    for (let before = ""; !options["no-wait"]; ) {
      const workers = (await Array.fromAsync(workerPages(context, { active: true, factory }))).flat();
      if (workers.length === 0) break;
      const jobs = workers.flatMap(({ jobs }) => jobs.filter(({ state }) => state === "running"));
      const said = `waiting for ${workers.length} machines with ${jobs.length} running jobs`;
      if (said !== before) out.note(said);
      before = said;
      await world.sleep(EVERY, signal);
      if (signal.aborted) return EXIT.interrupted;
    }
    await (context.json ? context.out.json({ factory: name, drained: !options["no-wait"] }) : out.line(`${name} is drained`));
    return EXIT.ok;
  },
});
