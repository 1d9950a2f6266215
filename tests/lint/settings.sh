#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# conf/convened.conf and the list of keys in convened.conf(5) are what the table of settings prints.
# SETTINGS_PRINT names the program that prints them (default: in this build folder).
set -u
root=${srcdir:-.}
print=${SETTINGS_PRINT:-tests/lint/settings_print}
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
faults=0

for part in conf man; do
    if ! "$print" $part >"$out/$part" || [ ! -s "$out/$part" ]; then
        echo "$print $part: cannot print the settings"
        exit 1
    fi
done
if ! diff -u "$root/conf/convened.conf" "$out/conf" >"$out/diff"; then
    echo "conf/convened.conf:1: differs from the table of settings; run: $print conf > conf/convened.conf"
    cat "$out/diff"
    faults=1
fi
man=$root/man/convened.conf.5
if [ ! -f "$man" ]; then
    echo "man/convened.conf.5:1: is missing"
    faults=1
else
    # Every line of the list stands in the manual, in the same order.
    awk 'NR == FNR { want[++n] = $0; next } $0 == want[at + 1] { at++ }
         END { if (at < n) { print "man/convened.conf.5:1: lacks: " want[at + 1]; exit 1 } }' "$out/man" "$man" || faults=1
fi
exit $faults
