#!/bin/bash

set -o errexit
set -o nounset
set -o pipefail

# The token is put into the store once the job is seen to run; this waits for it.
token=$(bmat store get GITHUB_TOKEN)

#
# For git, curl and whatever else reads this file. No step puts the token into an argument, the environment or a log.
#
umask 077
for origin in $TOKEN_FOR; do
	machine=${origin#*://}
	printf 'machine %s\nlogin x-access-token\npassword %s\n' "${machine%%[:/]*}" "$token"
done >"$HOME/.netrc"

#
# That token expires; the store always has one that is good. Git asks for it when the other is refused.
#
if type -P git >/dev/null; then
	helper='!f() { [ "$1" = get ] || return 0; token=$(bmat store get --no-wait GITHUB_TOKEN) || return 0; '
	helper+='echo username=x-access-token; printf "password=%s\n" "$token"; }; f'
	for origin in $TOKEN_FOR; do
		git config --global "credential.$origin.helper" "$helper"
	done
fi
