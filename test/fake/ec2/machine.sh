#!/bin/sh
# The inside of an instance: a root of its own around the host's programs, in which the user data run as a first process's child.
# Usage: machine.sh ROOT
set -eu
root=$1
cd "$root"
mkdir -p host-usr usr/bin etc proc dev tmp var/tmp var/log run root opt work input
for name in /usr/*; do [ "$name" = /usr/bin ] || ln -s "/host-usr/${name#/usr/}" "usr/${name#/usr/}"; done
for name in /usr/bin/*; do ln -s "/host-usr/bin/${name#/usr/bin/}" "usr/bin/${name#/usr/bin/}"; done
for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
ln -s ../run var/run
cp -r /etc/alternatives /etc/passwd /etc/group etc/
chmod 1777 tmp var/tmp
mount --rbind /usr host-usr
mount --rbind /dev dev
mount -t proc proc proc
exec chroot . /bin/sh -c '
	PATH=/usr/sbin:/usr/bin; HOME=/root; export PATH HOME
	sh /user-data >>/console 2>&1 </dev/null
	echo "user data ended: $?" >>/console
	while :; do sleep 3600; done'
