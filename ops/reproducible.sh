#!/bin/sh
# Builds the release twice, from two copies of the last commit in directories of different names, and compares.
#
#   ops/reproducible.sh       ends with 0 where both are the same bytes; takes two whole release builds
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
for name in one another-place; do
  mkdir -p "$work/$name/tree"
  git -C "$here" archive HEAD | tar -x -C "$work/$name/tree"
  if [ -d "$here/web/dist" ]; then cp -a "$here/web/dist" "$work/$name/tree/web/dist"; fi
  CARGO_TARGET_DIR=$work/$name/target "$work/$name/tree/ops/release.sh" "$work/$name/out"
done
if cmp "$work/one/out/commonhold" "$work/another-place/out/commonhold"; then
  echo "the same: $(cut -d ' ' -f 1 "$work/one/out/commonhold.sha256")"
else
  echo "the two builds differ: compare them with diffoscope" >&2
  exit 1
fi
