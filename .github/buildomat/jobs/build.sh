#!/bin/bash
#: name = "build"
#: variety = "basic"
#: target = "default"
#: output_rules = ["=/work/out/*"]

# Buildomat builds itself: type-check, then compile the agent. A job sees the system's /usr and its inputs alone, so bun is
# an input too. It starts in the directory of the sources.
set -o errexit -o nounset -o pipefail

mkdir -p "$HOME/bin"
install -m 0755 /input/bun "$HOME/bin/bun"
export PATH="$HOME/bin:$PATH"

echo "bun $(bun --version)"
bun install --frozen-lockfile
echo "type-checking ..."
bun node_modules/.bin/tsc --noEmit
echo "compiling the agent ..."
bun scripts/build.ts --arch x64 buildomat-agent
mkdir -p /work/out
cp dist/linux-x64/buildomat-agent /work/out/
sha256sum /work/out/buildomat-agent
