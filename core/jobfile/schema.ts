import { type Static, Type } from "@sinclair/typebox";

/** What a reader should have written instead; shown with every complaint about the value. */
const expected = (text: string) => ({ expected: text, additionalProperties: false });

const Name = Type.String({ minLength: 1, ...expected("a name that is not empty") });
const PublicName = Type.String({ pattern: "^[0-9A-Za-z._-]{2,48}$", ...expected("2 to 48 characters of A-Z a-z 0-9 . _ -") });

/** One `[[publish]]`: an output that gets a lasting public address once the job has succeeded. */
const Publish = Type.Object(
  { from_output: Type.String(expected("the path of an output")), series: PublicName, name: PublicName },
  expected("from_output, series and name, and nothing else"),
);

const Dependency = Type.Object({ job: Name }, expected('{ job = "the name of another job" }, and nothing else'));

/** What every job file may say, whatever its variety. */
const GLOBAL = {
  name: Type.String({ minLength: 1, ...expected('the name of the job: name = "build"') }),
  variety: Type.Literal("basic", expected('variety = "basic", the only one there is')),
  enable: Type.Optional(Type.Boolean(expected("enable = true or enable = false"))),
  dependencies: Type.Optional(
    // The name becomes a folder under /input.
    Type.Record(Type.String({ pattern: "^[^/]*[^/\\s][^/]*$" }), Dependency, {
      maxProperties: 8,
      ...expected("up to 8 tables, each named with a word without a slash"),
    }),
  ),
};

/** What a job of the variety `basic` may say. */
const BASIC = {
  output_rules: Type.Optional(
    Type.Array(
      Type.String({
        pattern: "^(!|=|%|=%|%=)?/",
        ...expected("an absolute path, before it ! (leave out), = (must be there), % (may change) or both of the last"),
      }),
      expected('a list of paths: output_rules = ["/work/out/*"]'),
    ),
  ),
  rust_toolchain: Type.Optional(
    Type.Union(
      [Type.String(), Type.Boolean()],
      expected('the name of a toolchain ("stable"), or true to take it from rust-toolchain.toml'),
    ),
  ),
  target: Type.Optional(Type.String({ minLength: 1, ...expected('the name of a target: target = "default"') })),
  access_repos: Type.Optional(
    Type.Array(
      Type.String({ pattern: "^[^/\\s]+/[^/\\s]+$", ...expected('"owner/name" of a repository') }),
      expected('a list of repositories: access_repos = ["owner/name"]'),
    ),
  ),
  publish: Type.Optional(Type.Array(Publish, expected("tables headed [[publish]]"))),
  skip_clone: Type.Optional(Type.Boolean(expected("skip_clone = true or skip_clone = false"))),
};

/** For a file that is switched off: only what is common to all is looked at. */
export const GlobalKeys = Type.Object(GLOBAL);

export const BasicKeys = Type.Object(
  { ...GLOBAL, ...BASIC },
  { ...expected(`one of ${Object.keys({ ...GLOBAL, ...BASIC }).join(", ")}`) },
);
export type BasicKeys = Static<typeof BasicKeys>;
