#!/bin/sh
# Makes a fresh machine a worker: gets the agent from the core, verifies it, and has it install itself.
# Usage: install.sh BASEURL BOOTSTRAP [NODENAME]
# Tries again until it succeeds: the network of a machine that boots may come late.
set -u

base=${1:?usage: install.sh BASEURL BOOTSTRAP [NODENAME]}
bootstrap=${2:?usage: install.sh BASEURL BOOTSTRAP [NODENAME]}
node=${3:-}
dir=${BUILDOMAT_DOWNLOAD_DIR:-/var/tmp}/buildomat-install

# $1: what, $2: the file for it. The core has an agent for each architecture.
fetch() {
  url="$base/file/$1?mach=$(uname -m)"
  if command -v curl >/dev/null 2>&1; then
    curl -fsS --connect-timeout 15 --max-time 600 -o "$2" "$url"
  else
    wget -q -T 15 -O "$2" "$url"
  fi
}

# The compressed form is half the size; a machine without gzip takes the other one.
download() {
  rm -rf "$dir" && mkdir -p "$dir" && cd "$dir" || return 1
  fetch agent.sha256 agent.sha256 || return 1
  if command -v gzip >/dev/null 2>&1; then
    fetch agent.gz agent.gz && gzip -d agent.gz || return 1
  else
    fetch agent agent || return 1
  fi
  sha256sum -c agent.sha256 >/dev/null || {
    echo "install: the agent that came is not the one that the core has" >&2
    return 1
  }
  chmod 0755 agent
}

wait=1
until download && ./agent install ${node:+-N "$node"} "$base" "$bootstrap"; do
  echo "install: will try again in $wait s" >&2
  sleep "$wait"
  wait=$((wait < 30 ? wait * 2 : 30))
done
rm -rf "$dir"
