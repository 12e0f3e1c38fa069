import { type Static, Type } from "@sinclair/typebox";

/** `priority` of a target of any provider. */
export const priorityConfig = Type.Optional(
  Type.Integer({ description: "0 unless told: where there is not room for all, jobs of targets with a higher one go first" }),
);

/** By name of the target. */
export const prioritiesOf = (targets: Record<string, { priority?: Static<typeof priorityConfig> }>) =>
  Object.fromEntries(Object.entries(targets).map(([name, { priority }]) => [name, priority]));
