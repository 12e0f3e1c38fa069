import { expect, test } from "bun:test";
import { candidates } from "./candidates.ts";
import type { Command, Group, Options, Program } from "./command.ts";
import { completionOf } from "./completion.ts";
import { dispatch } from "./dispatch.ts";
import { EXIT, Exit, UsageError } from "./failure.ts";
import type { Output } from "./output.ts";

/** Another program than `buildomat`: with a context, options and commands of its own. */
interface Context {
  out: Output;
  shelf: string;
}

const GLOBAL = {
  help: { about: "show this help" },
  version: { about: "show the version" },
  json: { short: "j", about: "print JSON" },
  shelf: { short: "s", value: "NAME", about: "where the books are" },
} as const satisfies Options;

const define = <const O extends Options>(command: Command<Context, O>): Command<Context, O> => command;

const find = define({
  args: ["TITLE", "[AUTHOR]"],
  options: { size: { short: "s", value: "CM", many: true, about: "how high" } },
  async run({ out, shelf }, [title, author = "nobody"], { size }) {
    if (title === "1984") throw new UsageError("that one is lent");
    if (title === "Ulysses") throw new Exit(EXIT.jobFailed, "nobody has finished it");
    if (title === "fire") throw new Error("the shelf burns");
    await out.line(`${title} by ${author} on ${shelf}, ${size.join("+")}`);
  },
});

const tree: Group<Context> = {
  about: "finds books",
  commands: {
    book: { alias: "b", about: "books", commands: { find: { about: "find a book", load: async () => ({ default: find }) } } },
    completion: { about: "completes", load: async () => ({ default: completionOf<Context>("book-shelf") }) },
  },
};

async function run(...args: string[]) {
  const said: string[] = [];
  const noted: string[] = [];
  const out = { line: async (text: string) => void said.push(text), note: (text: string) => void noted.push(text) } as Output;
  const program: Program<Context> = {
    name: "shelf",
    version: "7",
    tree,
    global: GLOBAL,
    context: ({ shelf }) => ({ out, shelf: typeof shelf === "string" ? shelf : "the floor" }),
    explain: (error) => (error instanceof Error && error.message.includes("burns") ? "call the fire brigade" : undefined),
  };
  const status = await dispatch(program, args, { out, signal: new AbortController().signal });
  return { status, said: said.join("\n"), noted: noted.join("\n") };
}

test("a command gets its words, its options, and a context made of the program's own", async () => {
  expect((await run("b", "find", "Emma", "Austen", "-s", "20", "--size=3")).said).toBe("Emma by Austen on the floor, 20+3");
  expect((await run("--shelf", "top", "book", "find", "Emma")).said).toBe("Emma by nobody on top, ");
  expect((await run("-s", "top", "book", "find", "--", "--help")).said).toBe("--help by nobody on top, ");
});

test("help shows the program's own options; a short form gives way to the command's", async () => {
  const { status, said } = await run("book", "find", "--help");
  expect(status).toBe(0);
  expect(said).toMatchInlineSnapshot(`
    "Usage: shelf book find [OPTS] TITLE [AUTHOR]

    find a book

    Options:
        -s, --size CM       how high (may be repeated)
            --help          show this help
            --version       show the version
        -j, --json          print JSON
            --shelf NAME    where the books are"
  `);
  expect((await run("--version")).said).toBe("shelf 7");
});

test.each([
  [["book", "find", "1984"], 2, "ERROR: that one is lent"],
  [["book", "find", "Ulysses"], 1, "nobody has finished it"],
  [["book", "find", "fire"], 3, "Error: call the fire brigade"],
  [["bok"], 2, 'Usage: shelf [OPTS] COMMAND [ARGS...]\nERROR: there is no command "bok"; did you mean book?'],
  [["book"], 2, "Usage: shelf book [OPTS] COMMAND [ARGS...]\nERROR: a command is missing: shelf book --help lists them"],
  [["book", "find"], 2, "Usage: shelf book find [OPTS] TITLE [AUTHOR]\nERROR: TITLE is missing"],
])("%p ends with %p", async (args, status, message) => {
  expect(await run(...args)).toEqual({ status, said: "", noted: message });
});

test("shells are told what could come next", async () => {
  expect(await candidates({ tree, global: GLOBAL }, ["b", ""])).toEqual(["find"]);
  expect(await candidates({ tree, global: GLOBAL }, ["-s", "top", "bo"])).toEqual(["book"]);
  expect((await run("completion", "bash")).said).toContain("complete -o default -F _book_shelf book-shelf");
});
