#!/bin/bash

set -o errexit
set -o nounset
set -o pipefail

dir=/work/$GITHUB_REPOSITORY
mkdir -p "${dir%/*}"
git clone --quiet "https://github.com/$GITHUB_REPOSITORY" "$dir"
cd "$dir"
git fetch --quiet origin "$GITHUB_SHA"
if [[ -n ${GITHUB_BRANCH:-} ]]; then
	if [[ $(git symbolic-ref --short HEAD) == "$GITHUB_BRANCH" ]]; then
		git reset --quiet --hard "$GITHUB_SHA"
	else
		git branch --quiet --force "$GITHUB_BRANCH" "$GITHUB_SHA"
		git checkout --quiet "$GITHUB_BRANCH"
	fi
fi
git reset --hard "$GITHUB_SHA"
