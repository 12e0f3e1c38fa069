import { type Static, Type } from "@sinclair/typebox";
import { agentFor, agentsBeside } from "../common/agent-program.ts";
import { BadConfig } from "../common/config.ts";
import { type AwsConfig, awsConfig } from "./aws/config.ts";
import { type SandboxConfig, sandboxConfig } from "./sandbox/config.ts";

const strict = { additionalProperties: false } as const;
const token = (description: string) => Type.String({ minLength: 16, description });
const kinds = { sandbox: Type.Optional(sandboxConfig), aws: Type.Optional(awsConfig) };

/** factory.toml: one factory, or several, on a machine of their own. */
export const factoryConfig = Type.Object(
  {
    core: Type.Object(
      {
        url: Type.String({ pattern: "^https?://", description: "where the core is, for this factory and for its machines" }),
        token: Type.Optional(token("what `buildomat admin factory create` printed, for a [sandbox] or [aws] that stands alone")),
        authority: Type.Optional(
          Type.String({ description: "PEM file of who signed the core's certificate, where this host does not know them" }),
        ),
      },
      strict,
    ),
    agent: Type.Optional(
      Type.String({
        description: "path of the compiled agent, for sandboxes; unless told, the one that was built with this program",
      }),
    ),
    ...kinds,
    factory: Type.Record(
      Type.String(),
      // TypeBox fills in what a record's entries lack only where these have a default themselves.
      Type.Object({ token: token("of this factory"), ...kinds }, { ...strict, default: {} }),
      { default: {}, description: "by name, factories that share this program and nothing else" },
    ),
  },
  strict,
);

export type FactoryConfig = Static<typeof factoryConfig>;

/** One factory of the program: what the core knows by one token. */
export type Section = { name: string; token: string } & ({ sandbox: SandboxConfig; agent: string } | { aws: AwsConfig });

/** The factories that the file asks for. @throws BadConfig where it is not clear what to make */
export function sectionsOf(config: FactoryConfig, file: string): Section[] {
  const { core, sandbox, aws, factory } = config;
  const bad = (message: string) => new BadConfig(`${file}: ${message}`);
  if (sandbox && aws)
    throw bad(
      "[sandbox] and [aws] are two factories: give each a token of its own, as [factory.NAME.sandbox] and [factory.NAME.aws]",
    );
  const alone = sandbox || aws;
  if (!alone && core.token !== undefined)
    throw bad("core.token is for [sandbox] or [aws], and there is neither; a [factory.NAME] has its own");
  const all: Named[] = Object.entries(factory).map(([name, one]) => ({ name, tag: `${name} of ${core.url}`, ...one }));
  if (alone) all.unshift({ name: sandbox ? "sandbox" : "aws", tag: core.url, token: core.token, sandbox, aws });
  if (all.length === 0) throw bad("say what to make, with [sandbox], [aws] or [factory.NAME]");
  // Each would take the other's workers for ones that have lost their machines.
  if (new Set(all.map(({ token }) => token)).size < all.length)
    throw bad("two factories have the same token: make each with a `buildomat admin factory create` of its own");
  return all.map((one) => sectionOf(one, config.agent ?? agentFor(process.arch, agentsBeside()), bad));
}

interface Named {
  name: string;
  /** What its instances bear, so that factories may use the same tag. */
  tag: string;
  token: string | undefined;
  sandbox?: SandboxConfig | undefined;
  aws?: AwsConfig | undefined;
}

function sectionOf(one: Named, agent: string | undefined, bad: (message: string) => BadConfig): Section {
  const { name, tag, token, sandbox, aws } = one;
  if (token === undefined) throw bad(`core.token is missing, for [${name}]`);
  if (sandbox && aws) throw bad(`factory.${name} has both sandbox and aws: make two of it, each with a token of its own`);
  if (aws) return { name, token, aws: { factory: tag, ...aws } };
  if (!sandbox) throw bad(`factory.${name} makes nothing: say what, with [factory.${name}.sandbox] or [factory.${name}.aws]`);
  if (!agent) throw bad("sandboxes need the compiled agent: set agent");
  return { name, token, sandbox, agent };
}
