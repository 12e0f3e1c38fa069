import { type Static, Type } from "@sinclair/typebox";

const strict = { additionalProperties: false } as const;
const hour = (description: string) => Type.Number({ minimum: 0, description });

/** `[prices]` of server.toml: what machines cost. */
export const pricesConfig = Type.Object(
  {
    currency: Type.String({ default: "USD", pattern: "^[A-Z]{3}$", description: "of all prices" }),
    instances: Type.Record(
      Type.String(),
      Type.Object({ hour: hour("on demand"), spot_hour: Type.Optional(hour("on the spot market")) }, strict),
      { default: {}, description: "by instance type, what an hour costs on demand and, where it is used, on the spot market" },
    ),
  },
  {
    ...strict,
    default: {},
    description: "What machines cost, as jobs and the dashboard tell it; [ec2.md](ec2.md#what-it-costs).",
  },
);
export type PricesConfig = Static<typeof pricesConfig>;

/** What an hour of a machine costs of which its factory told this; null where no price is configured for it. */
export function hourPrice({ instances }: PricesConfig, { instance_type = "", market }: Record<string, string>): number | null {
  const price = instances[instance_type];
  return (market === "spot" ? price?.spot_hour : price?.hour) ?? null;
}
