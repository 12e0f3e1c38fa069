#!/bin/bash

set -o errexit
set -o nounset
set -o pipefail

if type -P rustup >/dev/null; then
	rustup toolchain install "$TC_CHANNEL" --profile "$TC_PROFILE" --no-self-update
	rustup default "$TC_CHANNEL"
else
	printf 'installing the Rust toolchain %s (profile %s)\n' "$TC_CHANNEL" "$TC_PROFILE"
	curl --proto '=https' --tlsv1.2 --retry 5 -sSf https://sh.rustup.rs |
		sh -s -- -y -q --no-modify-path --default-toolchain "$TC_CHANNEL" --profile "$TC_PROFILE"
fi

rustup --version
cargo --version
rustc --version
