import { runTests } from "../../../scripts/run-tests.ts";

/**
 * Runs the tests of the EC2 provider, of object storage and of the archive with moto, which others wrote from AWS' documents, in
 * place of our fake and of s3rver. The last line is `N passed, N failed`, in tests.
 *
 * What moto cannot do is tested with the fake alone (the other tests of core/provider/aws/, and test/e2e/ec2.test.ts): instances
 * that are shown late, boot or end slowly; client tokens, which it ignores, and so lost answers; shortages, throttling and
 * refusals; pages of few instances; consoles that say something of their own; dry runs that find something wrong; user data that
 * really run; and new user data for a stopped instance, which it takes only when they are encoded twice (AWS' SDKs do it once).
 */
const SUITES = [
  "core/provider/aws/region.test.ts",
  "core/provider/aws/check.test.ts",
  "core/storage/store.test.ts",
  "core/storage/objects.test.ts",
  "core/job/archive/archive.test.ts",
];

/** It says where it listens in its log; port 0 is any that is free. */
const moto = Bun.spawn(["moto_server", "--host", "127.0.0.1", "--port", "0"], {
  stdin: "ignore",
  stdout: "ignore",
  stderr: "pipe",
});
const told = moto.stderr.getReader();
const endpoint = await addressIn(told);
// Each request is a line, and it must not wait for somebody to read it.
const drained = drain(told);
try {
  const { passed, failed } = await runTests(SUITES, { TEST_AWS_ENDPOINT: endpoint });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  moto.kill();
  await Promise.all([moto.exited, drained]);
}

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">;

async function addressIn(log: Reader): Promise<string> {
  const text = new TextDecoder();
  for (let said = ""; ; ) {
    const { done, value } = await log.read();
    if (done) throw new Error(`moto did not start:\n${said}`);
    said += text.decode(value, { stream: true });
    const address = /Running on (http:\S+)/.exec(said)?.[1];
    if (address) return address;
  }
}

async function drain(log: Reader): Promise<void> {
  while (!(await log.read()).done);
}
