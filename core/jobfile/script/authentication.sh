#!/bin/bash

set -o errexit
set -o nounset
set -o pipefail

# The token is put into the store once the job is seen to run; this waits for it.
token=$(bmat store get GITHUB_TOKEN)

umask 077
for machine in github.com api.github.com; do
	printf 'machine %s\nlogin x-access-token\npassword %s\n' "$machine" "$token"
done >"$HOME/.netrc"
