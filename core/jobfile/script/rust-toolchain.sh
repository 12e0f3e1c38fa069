#!/bin/bash

set -o errexit
set -o nounset
set -o pipefail

printf 'Rust toolchain %s (profile %s)\n' "$TC_CHANNEL" "$TC_PROFILE"

if type -P rustup >/dev/null; then
	rustup toolchain install "$TC_CHANNEL" --profile "$TC_PROFILE" --no-self-update
	rustup default "$TC_CHANNEL"
elif type -P curl >/dev/null; then
	# To a file first: what is cut off on its way must not run.
	installer=$(mktemp)
	curl --proto '=https' --tlsv1.2 --retry 5 --retry-connrefused -sSfo "$installer" https://sh.rustup.rs
	sh "$installer" -y -q --no-modify-path --default-toolchain "$TC_CHANNEL" --profile "$TC_PROFILE"
	rm -f "$installer"
else
	printf 'ERROR: this machine has no curl to fetch rustup with, and the set-up could not install it\n' >&2
	exit 1
fi

rustup --version
cargo --version
rustc --version
