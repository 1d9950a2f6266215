#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# The manuals have no fault that mandoc would warn of, and the units none that systemd would.
set -u
root=${srcdir:-.}
faults=0
if command -v mandoc >/dev/null; then
    for page in "$root"/man/*.[1-8]; do
        [ -f "$page" ] || { echo "man:1: no manuals"; exit 1; }
        mandoc -T lint -W warning "$page" || faults=1
    done
fi
if command -v systemd-analyze >/dev/null && [ -x "${CONVENED:-}" ]; then
    out=$(mktemp -d) || exit 1
    trap 'rm -rf "$out"' EXIT
    sed -e "s|@sbindir@/convened|$CONVENED|" -e 's|@sysconfdir@|/etc|' -e 's|^User=.*||' -e 's|^Group=.*||' \
        "$root/systemd/convened.service.in" >"$out/convened.service"
    # Bad keys give exit 0 and a line on standard error: the line is the fault.
    said=$(systemd-analyze verify --man=no "$out/convened.service" 2>&1 | grep convened.service)
    [ -z "$said" ] || { echo "$said"; faults=1; }
    systemd-analyze security --offline=true --threshold=20 "$out/convened.service" >"$out/said" 2>&1 || { tail -n 3 "$out/said"; faults=1; }
fi
exit $faults
