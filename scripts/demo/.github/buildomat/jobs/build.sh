#!/bin/bash
#: name = "build"
#: variety = "basic"
#: output_rules = ["=/work/out/*"]

# The repository has been cloned; this runs in it.
set -o errexit -o nounset -o pipefail

git log -1 --format='building %h: %s'
mkdir -p /work/out
for part in {1..20}; do
	printf '\e[32mdone\e[0m part %d of 20\n' "$part" | tee -a /work/out/build.log
	sleep 0.2
done
cp hello.sh /work/out/
