import { compile, PROGRAMS } from "./compile.ts";

const isProgram = (name: string): name is keyof typeof PROGRAMS => name in PROGRAMS;

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PROGRAMS);
for (const name of wanted) {
  if (!isProgram(name)) {
    console.error(`there is no program ${name}: choose from ${Object.keys(PROGRAMS).join(", ")}`);
    process.exit(2);
  }
  await compile(PROGRAMS[name], `dist/${name}`);
  console.log(`dist/${name} ${(Bun.file(`dist/${name}`).size / 1024 / 1024).toFixed(0)} MiB`);
}
