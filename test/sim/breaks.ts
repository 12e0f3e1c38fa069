import { retryIfLost } from "../../core/job/lose.ts";
import { getJob } from "../../core/job/state.ts";
import { CALM, type Climate } from "./climate.ts";
import type { Life } from "./sim.ts";

/** One promise, and how a server is made to break it, from outside of its code. */
export interface Break {
  promise: string;
  /** What the simulator then says, in one life or another. */
  said: RegExp;
  /** Where it shows soonest. */
  climate: Climate;
  rest?: number;
  sabotage(life: Life): void;
}

const LOSSY: Climate = { ...CALM, dropAnswer: 0.3, double: 0.3 };
const DEADLY: Climate = { ...CALM, dies: 0.7, agentKilled: 0.7 };
const UPLOADS_KILL: Climate = { ...CALM, diesUploading: 0.7 };
const CRASHING: Climate = { ...CALM, serverKilled: 500 };

/** A server whose database does something that no code asked for. */
const trigger = (sql: string) => (life: Life) => {
  life.server?.core.db.run(sql.replace("CREATE TRIGGER", "CREATE TEMP TRIGGER IF NOT EXISTS"));
};

/** A server that treats some requests in its own way. */
const request =
  (
    path: RegExp,
    answer: (message: {
      url: string;
      headers: [string, string][];
      body: Uint8Array<ArrayBuffer> | undefined;
    }) => Response | undefined,
  ) =>
  (life: Life): void => {
    life.network.meddle = async (message, deliver) => {
      const { pathname } = new URL(message.url);
      return (path.test(`${message.method} ${pathname}`) ? answer(message) : undefined) ?? (await deliver());
    };
  };

const APPEND = /^POST \/1\/worker\/job\/\w+\/append$/;
const eventsOf = (body: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(body)) as object[];

export const BREAKS: readonly Break[] = [
  {
    promise: "no accepted job is lost",
    said: /was accepted as job \w+ and is not there/,
    climate: CALM,
    sabotage: request(/^POST \/0\/jobs$/, () => Response.json({ id: "01J00000000000000000000000" }, { status: 201 })),
  },
  {
    promise: "no job is there twice",
    said: /was submitted once and is there twice/,
    climate: LOSSY,
    sabotage: request(/^POST \/0\/jobs$/, (message) => {
      message.headers = message.headers.filter(([name]) => name !== "idempotency-key");
      return undefined;
    }),
  },
  {
    promise: "no job is on two workers at once",
    said: /is tried again while it is running and its worker recycling|is on two machines/,
    climate: DEADLY,
    sabotage: ({ server }) => {
      if (!server) return;
      const { core } = server;
      // Whatever is given up is queued at once.
      core.bells.ring = new Proxy(core.bells.ring, {
        apply(ring, self, [topic]: [string]) {
          Reflect.apply(ring, self, [topic]);
          const job = /^job (\w{26})$/.exec(topic)?.[1];
          if (job && !core.db.inTransaction) retryIfLost(core, getJob(core, job), null);
        },
      });
    },
  },
  {
    promise: "every job ends",
    said: /it never comes to rest: .*job-\d+ running/,
    climate: CALM,
    rest: 3600_000,
    sabotage: (life) => {
      if (life.server) life.server.core.config.job.max_runtime = 1e9;
      request(/^POST \/0\/worker\/job\/\w+\/complete$/, () => new Response(null, { status: 204 }))(life);
    },
  },
  {
    promise: "every job ends with a reason",
    said: /has ended without a reason/,
    climate: DEADLY,
    sabotage: trigger("CREATE TRIGGER t BEFORE UPDATE OF reason ON attempt BEGIN SELECT RAISE(IGNORE); END"),
  },
  {
    promise: "a log is complete",
    said: /has printed \d+ lines, \d+ are there|"m\d+ \d+ \d+" comes after/,
    climate: CALM,
    sabotage: request(APPEND, (message) => {
      const events = eventsOf(message.body);
      const [lost] = events.splice(-1);
      message.body = new TextEncoder().encode(JSON.stringify([...events, { ...lost, stream: "lost" }]));
      return undefined;
    }),
  },
  {
    promise: "a log has each line once",
    said: /"m\d+ \d+ \d+" comes after|is told \d+ times/,
    climate: LOSSY,
    sabotage: request(APPEND, (message) => {
      message.url = message.url.replace(/\?.*/, "");
      return undefined;
    }),
  },
  {
    promise: "a log is in order",
    said: /"m\d+ \d+ \d+" comes after/,
    climate: CALM,
    sabotage: request(APPEND, (message) => {
      message.body = new TextEncoder().encode(JSON.stringify(eventsOf(message.body).reverse()));
      return undefined;
    }),
  },
  {
    promise: "what the server says is in the log once",
    said: /is told 0 times/,
    climate: CRASHING,
    sabotage: trigger("CREATE TRIGGER t AFTER INSERT ON outbox BEGIN DELETE FROM outbox WHERE id = NEW.id; END"),
  },
  {
    promise: "every change of a job's state is legal",
    said: /job \w+ went from/,
    climate: DEADLY,
    sabotage: trigger(
      "CREATE TRIGGER t AFTER UPDATE OF state ON job WHEN NEW.state = 'queued' BEGIN UPDATE job SET state = 'completed' WHERE id = NEW.id; END",
    ),
  },
  {
    promise: "every change of a worker's state is legal",
    said: /worker \w+ went from/,
    climate: CALM,
    sabotage: trigger(
      "CREATE TRIGGER t AFTER UPDATE OF state ON worker WHEN NEW.state = 'destroyed' BEGIN UPDATE worker SET state = 'online' WHERE id = NEW.id AND id < '~' AND OLD.state = 'recycling'; END",
    ),
  },
  {
    promise: "every worker is destroyed",
    said: /it never comes to rest: worker/,
    climate: CALM,
    rest: 3600_000,
    sabotage: request(/^DELETE \/0\/factory\/worker\//, () => Response.json(true)),
  },
  {
    promise: "every machine is destroyed",
    said: /it never comes to rest: machine m\d+|is on two machines/,
    climate: CALM,
    rest: 3600_000,
    sabotage: ({ cloud }) => {
      const honest = cloud.provider.bind(cloud);
      cloud.provider = (factory, process) => ({
        ...honest(factory, process),
        list: async () => [],
        destroy: async () => "gone",
      });
    },
  },
  {
    promise: "the hash of a sealed log is that of its lines",
    said: /sealed as/,
    climate: CALM,
    sabotage: trigger(
      "CREATE TRIGGER t AFTER UPDATE OF log_sha256 ON job BEGIN UPDATE job SET log_sha256 = 'not this' WHERE id = NEW.id; END",
    ),
  },
  {
    promise: "there are no outputs of a lost attempt",
    said: /has the output .* of lost attempt/,
    climate: UPLOADS_KILL,
    sabotage: ({ server }) => {
      server?.core.db.run("CREATE TEMP TRIGGER IF NOT EXISTS t BEFORE DELETE ON output BEGIN SELECT RAISE(IGNORE); END");
      server?.core.db.run("CREATE TEMP TRIGGER IF NOT EXISTS u BEFORE DELETE ON file BEGIN SELECT RAISE(IGNORE); END");
    },
  },
  {
    promise: "there are no store values of a lost attempt",
    said: /has the value .* of a lost attempt/,
    climate: DEADLY,
    sabotage: trigger("CREATE TRIGGER t BEFORE DELETE ON store BEGIN SELECT RAISE(IGNORE); END"),
  },
  {
    promise: "a completed job has its outputs",
    said: /completed with \d+ of \d+ outputs/,
    climate: CALM,
    sabotage: trigger("CREATE TRIGGER t BEFORE INSERT ON output BEGIN SELECT RAISE(IGNORE); END"),
  },
  {
    promise: "what is archived is in the object store",
    said: /is archived, but .*no such file/,
    climate: CALM,
    sabotage: ({ server }) => {
      if (server) server.core.objects.putLog = async () => ({ size: 1, sha256: "not this" });
    },
  },
  {
    promise: "nothing of a purged job is left here",
    said: /is there although the job is purged/,
    climate: CALM,
    sabotage: ({ server }) => {
      if (server) server.core.logs.remove = () => {};
    },
  },
  {
    promise: "a purged job reads as it did",
    said: /is told otherwise than it was handed in/,
    climate: CALM,
    sabotage: request(/^GET \/0\/job\/\w+$/, () => Response.json({ tasks: [], output_rules: [] })),
  },
];
