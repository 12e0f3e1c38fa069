#!/bin/sh
# Makes a fresh machine a worker: gets the agent from the core, verifies it, and has it install itself.
# Usage: install.sh BASEURL BOOTSTRAP [NODENAME]
#        install.sh BASEURL --prepare [COMMANDS]
# The second form does what can be done before there is a job, and switches the machine off. When that is started again, it runs
# the user data that it has by then: this script in its first form, which finds the agent there.
# Tries again until it succeeds: the network of a machine that boots may come late.
set -u

base=${1:?usage: install.sh BASEURL BOOTSTRAP [NODENAME]}
bootstrap=${2:?usage: install.sh BASEURL BOOTSTRAP [NODENAME]}
node=${3:-}
commands=${3:-}
dir=${BUILDOMAT_DOWNLOAD_DIR:-/var/tmp}/buildomat-install
lib=/opt/buildomat/lib

# $1: what, $2: the file for it. The core has an agent for each architecture.
fetch() {
  url="$base/file/$1?mach=$(uname -m)"
  if command -v curl >/dev/null 2>&1; then
    curl -fsS --connect-timeout 15 --max-time 600 -o "$2" "$url"
  else
    wget -q -T 15 -O "$2" "$url"
  fi
}

# The compressed form is half the size; a machine without gzip takes the other one. A prepared machine needs neither.
download() {
  rm -rf "$dir" && mkdir -p "$dir" && cd "$dir" || return 1
  fetch agent.sha256 agent.sha256 || return 1
  agent=$lib/agent
  (cd "$lib" && sha256sum -c "$dir/agent.sha256") >/dev/null 2>&1 && return
  agent=$dir/agent
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

work() {
  download && "$agent" install ${node:+-N "$node"} "$base" "$bootstrap"
}

# cloud-init runs user data at a machine's first boot alone.
prepare() {
  download || return 1
  mkdir -p "$lib" /etc/systemd/system/multi-user.target.wants || return 1
  [ "$agent" = "$lib/agent" ] || mv -f "$agent" "$lib/agent" || return 1
  sh -ec "$commands" || return 1
  cat >/etc/systemd/system/buildomat-boot.service <<UNIT || return 1
[Unit]
Description=Buildomat: what the user data say now
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=$lib/boot
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
UNIT
  ln -sf ../buildomat-boot.service /etc/systemd/system/multi-user.target.wants/ || return 1
  cat >"$lib/boot" <<'BOOT' || return 1
#!/bin/sh
# Asks the metadata service of EC2, by its second version.
metadata=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}/latest
umask 077
get() {
  if command -v curl >/dev/null 2>&1; then
    token=$(curl -fsS -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token") &&
      curl -fsS -m 5 -H "X-aws-ec2-metadata-token: $token" -o "$1" "$metadata/user-data"
  else
    token=$(wget -q -T 5 -O - --method PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token") &&
      wget -q -T 5 -O "$1" --header "X-aws-ec2-metadata-token: $token" "$metadata/user-data"
  fi
}
until get /run/buildomat-user-data; do sleep 1; done
exec sh /run/buildomat-user-data
BOOT
  chmod 0755 "$lib/boot" && sync
}

case $bootstrap in
  --prepare) task=prepare ;;
  *) task=work ;;
esac
wait=1
until "$task"; do
  echo "install: will try again in $wait s" >&2
  sleep "$wait"
  wait=$((wait < 30 ? wait * 2 : 30))
done
rm -rf "$dir"
if [ "$task" = prepare ]; then
  poweroff
fi
