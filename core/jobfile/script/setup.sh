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

if [[ $(uname -s) != Linux ]]; then
	printf 'ERROR: a basic job needs Linux, this is %s\n' "$(uname -s)" >&2
	exit 1
fi

# Inside a sandbox with a single id, root and build are one to the kernel: nothing can be given to another owner.
single_id=no
read -r _ _ ids </proc/self/uid_map || ids=0
if [[ $ids == 1 ]]; then
	single_id=yes
fi

#
# A factory may run jobs as an ordinary user, who may have sudo.
#
if [[ $(id -u) == 0 ]]; then
	as_root() { "$@"; }
elif type -P sudo >/dev/null && sudo -n true 2>/dev/null; then
	as_root() { sudo -n "$@"; }
else
	as_root() { return 1; }
fi

#
# Tools. What a job never uses may well be missing on a machine where nothing can be installed: that is noted, and no more.
#
missing=()
for tool in git curl tar gzip cc c++ make; do
	if ! type -P "$tool" >/dev/null; then
		missing+=("$tool")
	fi
done
# Debian's git and curl come without the certificates that they need.
if [[ -e /etc/debian_version && ! -e /etc/ssl/certs/ca-certificates.crt ]]; then
	missing+=(certificates)
fi
if [[ $(id -u) == 0 ]] && ! type -P useradd >/dev/null; then
	missing+=(useradd)
fi

# The package that brings a tool, by the kind of package manager.
package() {
	case $1:$2 in
	apt:cc | apt:c++ | apt:make) echo build-essential ;;
	apt:useradd) echo passwd ;;
	rpm:cc) echo gcc ;;
	rpm:c++) echo gcc-c++ ;;
	rpm:useradd) echo shadow-utils ;;
	*:certificates) echo ca-certificates ;;
	*) echo "$2" ;;
	esac
}

can_install() {
	[[ $single_id == no ]] && as_root test -w /usr/lib && as_root test -w /var/lib
}

install_missing() {
	local manager kind tool packages=()
	if manager=$(type -P apt-get) && can_install; then
		kind=apt
	elif manager=$(type -P dnf || type -P yum) && can_install; then
		kind=rpm
	else
		printf 'note: no %s here, and nothing can be installed on this machine\n' "${missing[*]}"
		return
	fi
	for tool in "${missing[@]}" sudo; do
		tool=$(package "$kind" "$tool")
		if [[ " ${packages[*]-} " != *" $tool "* ]]; then
			packages+=("$tool")
		fi
	done
	printf 'installing %s: no %s here\n' "${packages[*]}" "${missing[*]}"
	if ! "install_$kind" "$manager" "${packages[@]}"; then
		printf 'WARNING: %s has failed; what it was to install is missing on this machine\n' "$manager" >&2
	fi
}

# A machine that has just started may be at its own updates: their lock is waited for.
install_apt() {
	local apt=(env DEBIAN_FRONTEND=noninteractive "$1" -y -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
	as_root "${apt[@]}" update && as_root "${apt[@]}" install --no-install-recommends "${@:2}"
}

install_rpm() {
	as_root "$1" -y -q install "${@:2}"
}

if ((${#missing[@]} > 0)); then
	install_missing
fi

#
# An ordinary user is given its folders by the factory.
#
if [[ $(id -u) != 0 ]]; then
	for dir in "${HOME:-$BUILD_HOME}" /input /work; do
		if ! { : >"$dir/.trial.$$" && rm "$dir/.trial.$$"; } 2>/dev/null; then
			printf 'ERROR: the factory runs jobs as an ordinary user, but %s cannot be written\n' "$dir" >&2
			exit 1
		fi
	done
	exit 0
fi

#
# The user.
#
if ! found=$(id -u build 2>/dev/null); then
	if ! getent group "$BUILD_UID" >/dev/null; then
		groupadd -g "$BUILD_UID" build
	fi
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
