#!/bin/bash
#: name = "test"
#: variety = "basic"
#:
#: [dependencies.built]
#: job = "build"
#:
#: [[reports]]
#: kind = "tap"
#: path = "/work/report.tap"

# What the job "build" has put out is an input of this one.
set -o errexit -o nounset -o pipefail

hello=/input/built/work/out/hello.sh

# Says in the report whether a greeting is as it should be.
greets() {
	local answer
	answer=$(sh "$hello" "${@:3}")
	if [[ $answer == "$2" ]]; then
		echo "ok $1 - greets ${3:-nobody}"
	else
		echo "not ok $1 - greets ${3:-nobody}: $answer"
	fi
}

{
	echo '1..2'
	greets 1 'hello, world'
	greets 2 'hello, you' you
} | tee /work/report.tap
! grep -q '^not ok' /work/report.tap
