import { type Static, Type } from "@sinclair/typebox";
import { awsConfig } from "./aws/config.ts";
import { sandboxConfig } from "./sandbox/config.ts";

/** factory.toml: a factory on a machine of its own. */
export const factoryConfig = Type.Object(
  {
    core: Type.Object(
      {
        url: Type.String({ pattern: "^https?://", description: "where the core is, for this factory and for its machines" }),
        token: Type.String({ minLength: 16, description: "what `buildomat admin factory create` printed" }),
        authority: Type.Optional(
          Type.String({ description: "PEM file of who signed the core's certificate, where this host does not know them" }),
        ),
      },
      { additionalProperties: false },
    ),
    agent: Type.Optional(Type.String({ description: "path of the compiled agent, for sandboxes" })),
    sandbox: Type.Optional(sandboxConfig),
    aws: Type.Optional(awsConfig),
  },
  { additionalProperties: false },
);

export type FactoryConfig = Static<typeof factoryConfig>;
