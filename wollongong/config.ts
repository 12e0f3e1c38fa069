import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";

const url = (description: string) => Type.String({ pattern: "^https?://[^/]", description });

/** etc/app.toml. Keys that are not known are ignored, as in the original, whose files can be used as they are. */
export const Config = Type.Object({
  id: Type.Integer({ description: "of the GitHub App" }),
  webhook_secret: Type.String({ minLength: 1, description: "with which GitHub signs its webhooks" }),
  base_url: url("where people reach this server; begins every link"),
  confroot: Type.String({ minLength: 1, description: "directory of a repository with config.toml and jobs/" }),
  allow_owners: Type.Array(Type.String(), { description: "accounts that are served, exactly as GitHub writes them" }),
  buildomat: Type.Object({
    url: url("where the core is"),
    token: Type.String({ minLength: 1, description: "of a user with the privilege delegate" }),
  }),
  sqlite: Type.Object(
    { cache_kb: Type.Optional(Type.Integer({ minimum: 1, description: "page cache of the database" })) },
    { default: {} },
  ),
  listen: Type.String({ default: "0.0.0.0:4021", pattern: "^.+:[0-9]+$", description: "address and port" }),
  data: Type.String({ default: "var", description: "directory of the database" }),
  private_key: Type.String({ default: "etc/privkey.pem", description: "PEM file, as GitHub gives it" }),
  github: Type.Object(
    {
      api_url: Type.String({ default: "https://api.github.com", description: "for GitHub Enterprise: https://HOST/api/v3" }),
      web_url: Type.String({ default: "https://github.com", description: "where links and clones go" }),
    },
    { default: {} },
  ),
});
export type Config = Static<typeof Config>;

/** In the data directory. */
export const DATABASE = "wollongong.sqlite";
/** In the data directory: old deliveries, a file for each day, which never changes. */
export const ARCHIVED_DELIVERIES = "archive/delivery";

export const databaseOf = ({ data }: Config): string => join(data, DATABASE);

/** The key under which repositories' secrets are encrypted; made when the first one is set. */
export const keyFileOf = ({ data }: Config): string => join(data, "secret.key");
