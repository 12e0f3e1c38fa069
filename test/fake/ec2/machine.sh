#!/bin/sh
# The inside of an instance: a root of its own around the host's programs, kept from boot to boot, with a first process that does
# what cloud-init and systemd would.
# Usage: machine.sh ROOT
set -eu
root=$1
cd "$root"
if ! [ -e etc/passwd ]; then
	mkdir -p host-usr usr/bin etc proc dev tmp var/tmp var/log run root opt work input machine
	for name in /usr/*; do [ "$name" = /usr/bin ] || ln -s "/host-usr/${name#/usr/}" "usr/${name#/usr/}"; done
	for name in /usr/bin/*; do ln -s "/host-usr/bin/${name#/usr/bin/}" "usr/bin/${name#/usr/bin/}"; done
	for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
	ln -s ../run var/run
	cp -r /etc/alternatives /etc/passwd /etc/group etc/
	chmod 1777 tmp var/tmp
	printf '#!/bin/sh\nkill -TERM 1\n' >machine/poweroff
	chmod 0755 machine/poweroff
fi
find run tmp -mindepth 1 -delete
mount --rbind /usr host-usr
mount --rbind /dev dev
mount -t proc proc proc
exec chroot . /bin/sh -c '
	PATH=/machine:/usr/sbin:/usr/bin; HOME=/root; export PATH HOME
	trap "exit 0" TERM
	for unit in /etc/systemd/system/multi-user.target.wants/*.service; do
		[ -e "$unit" ] || continue
		$(sed -n "s/^ExecStart=//p" "$unit") >>/console 2>&1 </dev/null
	done
	if ! [ -e /booted ]; then
		touch /booted
		sh /user-data >>/console 2>&1 </dev/null
		echo "user data ended: $?" >>/console
	fi
	while :; do sleep 3600 & wait $!; done'
