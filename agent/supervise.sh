#!/bin/sh
# Keeps the agent running on a machine without systemd: started again when it ends, until this is told to end.
unset BUN_OPTIONS BUN_BE_BUN
exec 9>/run/buildomat-supervisor.lock
flock -n 9 || exit 0
stop() {
	trap - TERM INT
	kill -TERM "$agent" 2>/dev/null
	wait "$agent"
	exit 0
}
trap stop TERM INT
while :; do
	/opt/buildomat/lib/agent run 9>&- &
	agent=$!
	wait "$agent"
	sleep 1
done
