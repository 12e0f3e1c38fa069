import { FormatRegistry, type Static, type TSchema, Type } from "@sinclair/typebox";
import { MOST_SECONDS, secondsOf } from "../common/duration.ts";

/** What a reader should have written instead; shown with every complaint about the value. */
const expected = (text: string) => ({ expected: text, additionalProperties: false });

const Bool = (key: string) => Type.Optional(Type.Boolean(expected(`${key} = true or ${key} = false`)));
const List = <T extends TSchema>(item: T, text: string) => Type.Optional(Type.Array(item, { maxItems: 100, ...expected(text) }));

/** On one line: it is shown in lists and becomes a value in the environment of a program. */
const ONE_LINE = "[^\\x00-\\x1f\\x7f]";

const PublicName = Type.String({ pattern: "^[0-9A-Za-z._-]{2,48}$", ...expected("2 to 48 characters of A-Z a-z 0-9 . _ -") });
const Path = Type.String({ pattern: `^/${ONE_LINE}+$`, ...expected('the whole path of an output, such as "/work/out/app"') });

/** One `[[publish]]`: an output that gets a lasting public address once the job has succeeded, or always. */
const Publish = Type.Object(
  { from_output: Path, series: PublicName, name: PublicName, always: Bool("always") },
  expected("from_output, series, name and perhaps always, and nothing else"),
);

export const Publications = List(Publish, "tables headed [[publish]]");

/** One `[[reports]]`: an output that tells how tests went. */
const Report = Type.Object(
  {
    kind: Type.Union(
      [Type.Literal("junit"), Type.Literal("tap"), Type.Literal("libtest")],
      expected('"junit", "tap" or "libtest"'),
    ),
    path: Type.String({ pattern: `^/${ONE_LINE}+$`, ...expected("an absolute path, which may have wildcards") }),
  },
  expected("kind and path, and nothing else"),
);
export const Reports = List(Report, "tables headed [[reports]]");

export type ReportKind = Static<typeof Report>["kind"];

/** Further keys were always let pass here. */
const Dependency = Type.Object(
  { job: Type.String({ minLength: 1, ...expected("the name of another job") }) },
  { expected: '{ job = "the name of another job" }' },
);

const TIME = "buildomat-time";
FormatRegistry.Set(TIME, (text) => {
  const seconds = secondsOf(text) ?? 0;
  return seconds >= 1 && seconds <= MOST_SECONDS;
});
const Time = (key: string) =>
  Type.Optional(
    Type.Union(
      [Type.Integer({ minimum: 1, maximum: MOST_SECONDS }), Type.String({ format: TIME })],
      expected(`a time of at least a second and at most a year: ${key} = "90m", or seconds as a number`),
    ),
  );

/** Read by a person as in a shell: `*` within a folder, `**` across, `?`, `[ab]`, `{a,b}`. */
const Pattern = (text: string, pattern: string) => Type.String({ pattern, maxLength: 250, ...expected(text) });
const InRepository = Pattern(
  'a path in the repository, without a slash at its ends: "docs/**", "*.md"',
  `^(?!\\.{0,2}/|!)${ONE_LINE}*[^/\\x00-\\x1f\\x7f]$`,
);
const Branch = Pattern('the name of a branch, which may have wildcards: "main", "release/*"', `^(?!!|refs/)${ONE_LINE}+$`);
const Some = <T extends TSchema>(item: T, text: string) =>
  Type.Optional(Type.Array(item, { minItems: 1, maxItems: 64, ...expected(text) }));

/** What every job file may say, whatever its variety. */
const GLOBAL = {
  name: Type.String({
    pattern: `^(?!\\*control$)${ONE_LINE}{1,100}$`,
    ...expected('the name of the job, of up to 100 characters, not "*control": name = "build"'),
  }),
  variety: Type.Literal("basic", expected('variety = "basic", the only one there is')),
  enable: Bool("enable"),
  dependencies: Type.Optional(
    // The name becomes a folder under /input.
    Type.Record(Type.String({ pattern: "^(?!\\.{1,2}$)[^/]*[^/\\s][^/]*$" }), Dependency, {
      maxProperties: 8,
      ...expected("up to 8 tables, each named with a word without a slash"),
    }),
  ),
};

export const OutputRules = List(
  Type.String({
    pattern: "^(!|=|%|=%|%=)?/",
    ...expected("an absolute path, before it ! (leave out), = (must be there), % (may change) or both of the last"),
  }),
  'a list of paths: output_rules = ["/work/out/*"]',
);

/** What a job of the variety `basic` may say. */
const BASIC = {
  output_rules: OutputRules,
  rust_toolchain: Type.Optional(
    Type.Union(
      [Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" }), Type.Boolean()],
      expected('the name of a toolchain ("stable"), or true to take it from rust-toolchain.toml'),
    ),
  ),
  target: Type.Optional(Type.String({ minLength: 1, ...expected('the name of a target: target = "default"') })),
  access_repos: List(
    Type.String({ pattern: "^[\\w.-]+/[\\w.-]+$", ...expected('"owner/name" of a repository') }),
    'a list of repositories: access_repos = ["owner/name"]',
  ),
  publish: Publications,
  skip_clone: Bool("skip_clone"),
  timeout: Time("timeout"),
  silence: Time("silence"),
  retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 10, ...expected("a number from 0 to 10: retries = 1") })),
  env: Type.Optional(
    Type.Record(
      // These say what the job is.
      Type.String({ pattern: "^(?!(?:GITHUB|BUILDOMAT)_|(?:HOME|USER|LOGNAME)$)[A-Za-z_][A-Za-z0-9_]*$" }),
      Type.String({ pattern: "^[^\\x00]*$", ...expected('a text: "value"') }),
      expected('variables and their values: [env] NAME = "value"; GITHUB_*, BUILDOMAT_*, HOME, USER and LOGNAME are given'),
    ),
  ),
  secrets: List(
    Type.String({
      pattern: "^(?!GITHUB_TOKEN$)[A-Za-z0-9_]{1,256}$",
      ...expected("the name of a secret, of letters, digits and _ (GITHUB_TOKEN is always there)"),
    }),
    'a list of names: secrets = ["DEPLOY_KEY"]',
  ),
  paths: Some(InRepository, 'a list of paths in the repository: paths = ["src/**", "*.toml"]'),
  paths_ignore: Some(InRepository, 'a list of paths in the repository: paths_ignore = ["docs/**"]'),
  branches: Some(Branch, 'a list of branches: branches = ["main", "release/*"]'),
  cancel_superseded: Bool("cancel_superseded"),
  reports: Reports,
};

/** For a file that is switched off: only what is common to all is looked at. */
export const GlobalKeys = Type.Object(GLOBAL);

export const BasicKeys = Type.Object(
  { ...GLOBAL, ...BASIC },
  { ...expected(`one of ${Object.keys({ ...GLOBAL, ...BASIC }).join(", ")}`) },
);
export type BasicKeys = Static<typeof BasicKeys>;
