#!/bin/bash
#
# Prepares a machine for a job: the user `build`, its folders, and the tools that job files may count on. Only what is
# missing is made or installed, so that a prepared machine is ready at once and needs no network.
#

set -o errexit
set -o nounset
set -o pipefail

BUILD_UID=12345
BUILD_HOME=/home/build

if [[ $(id -u) == "$BUILD_UID" ]]; then
	for dir in "${HOME:-$BUILD_HOME}" /input /work; do
		if [[ ! -w $dir ]]; then
			printf 'ERROR: the factory runs jobs as an ordinary user, but %s cannot be written\n' "$dir" >&2
			exit 1
		fi
	done
	exit 0
fi

if [[ $(uname -s) != Linux ]]; then
	printf 'ERROR: a basic job needs Linux, this is %s\n' "$(uname -s)" >&2
	exit 1
fi

# Inside a sandbox with a single id, root and build are one to the kernel: nothing can be given to another owner.
read -r _ _ ids </proc/self/uid_map || ids=0
single_id=no
if [[ $ids == 1 ]]; then
	single_id=yes
fi

if ! found=$(id -u build 2>/dev/null); then
	groupadd -g "$BUILD_UID" build
	useradd -u "$BUILD_UID" -g "$BUILD_UID" -d "$BUILD_HOME" -s /bin/bash -c 'build user' build
elif [[ $found != "$BUILD_UID" ]]; then
	printf 'ERROR: this machine has a user build with uid %s; expected %s\n' "$found" "$BUILD_UID" >&2
	exit 1
fi

for dir in "$BUILD_HOME" /work; do
	mkdir -p "$dir"
	if [[ $single_id == no && $(stat -c %u "$dir") != "$BUILD_UID" ]]; then
		chown "$BUILD_UID:$BUILD_UID" "$dir"
		chmod 0700 "$dir"
	fi
done

missing=()
for tool in cc c++ make; do
	if ! type -P "$tool" >/dev/null; then
		missing+=("$tool")
	fi
done

if ((${#missing[@]} > 0)); then
	if [[ $single_id == no && -w /usr/lib && -w /var/lib ]] && type -P apt-get >/dev/null; then
		printf 'installing build-essential: no %s here\n' "${missing[*]}"
		export DEBIAN_FRONTEND=noninteractive
		apt-get -y -q update
		apt-get -y -q install --no-install-recommends build-essential sudo sysvbanner
	else
		printf 'note: no %s here, and nothing can be installed on this machine\n' "${missing[*]}"
	fi
fi

if type -P sudo >/dev/null && [[ $single_id == no && -w /etc/sudoers.d && ! -e /etc/sudoers.d/build ]]; then
	printf 'build ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/build.new
	chmod 0440 /etc/sudoers.d/build.new
	mv /etc/sudoers.d/build.new /etc/sudoers.d/build
fi

#
# Job files from other systems use these names.
#
wrapper() {
	if type -P "$1" >/dev/null; then
		return
	fi
	if [[ ! -w /bin ]]; then
		printf 'note: no %s here, and /bin cannot be written\n' "$1"
		return
	fi
	cat >"/bin/$1"
	chmod 0755 "/bin/$1"
	if [[ ! /bin -ef /usr/bin && ! -e /usr/bin/$1 ]]; then
		ln -s "/bin/$1" "/usr/bin/$1"
	fi
}

wrapper pfexec <<'EOF'
#!/bin/bash
exec sudo -- "$@"
EOF

wrapper ptime <<'EOF'
#!/bin/bash
if [[ ${1:-} == -m ]]; then
	shift
	[[ -x /usr/bin/time ]] && exec /usr/bin/time -v -- "$@"
fi
time "$@"
EOF

wrapper banner <<'EOF'
#!/bin/bash
printf '\n#### %s ####\n\n' "$*"
EOF
