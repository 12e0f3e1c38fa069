/** A copy of setpriv that belongs to the box's root and is setuid: the way from user `build` to root. */
export const ROOT_HELPER = "/opt/buildomat/sbin/.root";

/**
 * `pfexec CMD`: runs CMD as root. With a single id nothing can be setuid; there root is that of a nested user namespace,
 * who may do as little beyond the caller's own id as the caller.
 */
export const pfexecScript = (setuid: boolean): string => `#!/bin/sh
[ "$(id -u)" = 0 ] && exec "$@"
exec ${setuid ? `${ROOT_HELPER} --reuid=0 --regid=0 --init-groups --` : "unshare --user --map-root-user --"} "$@"
`;

/** `sudo` as build scripts use it, in front of pfexec: the environment is kept, a password never asked for. */
export const SUDO = `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    -u | --user) [ "$2" = root ] || { echo "sudo: only root is possible here" >&2; exit 1; }; shift 2 ;;
    -n | -E | -H | -S | -nE | -En | --non-interactive | --preserve-env | --preserve-env=* | --set-home | --user=root) shift ;;
    -v | -k | -K) exit 0 ;;
    --) shift; break ;;
    -*) echo "sudo: option $1 is not known here: use pfexec" >&2; exit 1 ;;
    *) break ;;
  esac
done
exec pfexec env "$@"
`;
