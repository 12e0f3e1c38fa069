#!/bin/bash

set -o errexit
set -o nounset
set -o pipefail

if ! type -P git >/dev/null; then
	printf 'ERROR: this machine has no git, and the set-up could not install it\n' >&2
	exit 1
fi

# Nobody is there to be asked for a password.
export GIT_TERMINAL_PROMPT=0

dir=/work/$GITHUB_REPOSITORY
mkdir -p "${dir%/*}"
git clone --quiet "$CLONE_URL" "$dir"
cd "$dir"
git fetch --quiet origin "$GITHUB_SHA"
if [[ -n ${GITHUB_BRANCH:-} ]]; then
	git checkout --quiet --force -B "$GITHUB_BRANCH" "$GITHUB_SHA"
fi
git reset --hard "$GITHUB_SHA"
