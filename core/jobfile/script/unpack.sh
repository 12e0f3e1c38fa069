#!/bin/bash

set -o errexit
set -o nounset
set -o pipefail

mkdir -p "$SOURCE_DIR"
tar -xzf "$SOURCE_ARCHIVE" -C "$SOURCE_DIR" --no-same-owner
