import { runTests } from "../../../scripts/run-tests.ts";

/** Holds our fake of EC2 against AWS' own command line. The last line is `N passed, N failed`, in tests. */
const { passed, failed } = await runTests(["./test/fake/ec2/awscli.suite.ts"]);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
