#!/bin/sh
# Runs a program in a folder that holds a Debian, which scripts/debian.sh makes:
#
#   scripts/inside.sh FOLDER PROGRAM [ARGUMENT ...]
#
# The program sees the project and /tmp where they are. In a folder of another architecture it and
# all that it starts are run by qemu, for which this has a private list of interpreters (Linux 6.7).
set -eu

project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
folder=$(CDPATH='' cd -- "$1" && pwd)
shift

# An ELF file of 64 bits for AArch64 (machine 183), a program or a shared library.
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
interpreter=
if [ -e "$folder/usr/lib/ld-linux-aarch64.so.1" ]; then
    interpreter=":qemu-aarch64:M::$magic:$mask:$(command -v qemu-aarch64-static):F"
fi

export project folder interpreter
# The first shell is of this machine, what it becomes is of the folder.
# shellcheck disable=SC2016
exec unshare --user --map-root-user --mount -- sh -euc '
    if [ -n "$interpreter" ]; then
        mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
        printf "%s" "$interpreter" >/proc/sys/fs/binfmt_misc/register
    fi
    for place in /proc /dev /tmp "$project"; do
        mkdir -p "$folder$place"
        mount --rbind "$place" "$folder$place"
    done
    unset interpreter
    cd /
    exec chroot "$folder" "$@"
' sh "$@"
