#!/bin/sh
# Prints the path of the manifest of SwiftShader, the Vulkan driver that Chromium falls back on.
#
#   sh tests/drivers/fetch.sh
#
# It takes the one that LAPIDARY_SWIFTSHADER names, that of an installed Chromium, or that of the cache,
# ${LAPIDARY_CACHE:-$HOME/.cache/lapidary}, where it puts two files out of Debian's package chromium-common (32 MB, checked
# by apt) when there are none yet. Nothing is installed. Exit status: 0 the driver is there, 69 it cannot be had here.
set -eu

unavailable=69
name=vk_swiftshader_icd.json
cache=${LAPIDARY_CACHE:-${HOME:?}/.cache/lapidary}

say() { printf '%s\n' "$*" >&2; }
give_up() {
  say "SwiftShader cannot be had here: $*"
  exit $unavailable
}

mkdir -p "$cache" || give_up "the cache cannot be made"
driver=$(CDPATH='' cd -- "$cache" && pwd -P)/swiftshader

if [ -n "${LAPIDARY_SWIFTSHADER:-}" ] && [ ! -f "$LAPIDARY_SWIFTSHADER" ]; then
  give_up "LAPIDARY_SWIFTSHADER is $LAPIDARY_SWIFTSHADER: no file"
fi
for manifest in "${LAPIDARY_SWIFTSHADER:-}" "/usr/lib/chromium/$name" "$driver/$name"; do
  if [ -f "$manifest" ]; then
    printf '%s\n' "$manifest"
    exit 0
  fi
done

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null 2>&1 ||
    give_up "$tool was not found; LAPIDARY_SWIFTSHADER may name the $name of a Chromium"
done

scratch=$(mktemp -d "$driver.XXXXXX") # beside its place, so that the last move is a rename
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
chmod 755 .

download() { apt-get download -qq chromium-common >/dev/null 2>"$scratch/log"; }
if ! download; then
  # Images without package lists know no package: root can get them.
  [ "$(id -u)" -eq 0 ] || give_up "$(tail -n 1 log)"
  apt-get update -qq >/dev/null 2>&1 || give_up "apt-get update failed"
  download || give_up "$(tail -n 1 log)"
fi
dpkg-deb --fsys-tarfile chromium-common_*.deb |
  tar -x ./usr/lib/chromium/libvk_swiftshader.so "./usr/lib/chromium/$name" ||
  give_up "chromium-common no longer holds it"

rm -rf "$driver"
mv usr/lib/chromium "$driver"
printf '%s\n' "$driver/$name"
