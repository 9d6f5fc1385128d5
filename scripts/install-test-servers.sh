#!/bin/sh
# Installs the servers, and the browser, that the tests start for themselves (Debian and Ubuntu). Nothing is left running: no service is started now, or at boot.
set -eu

missing=
[ -n "${DRAMATIQ_TEST_RABBITMQ:-}" ] || [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing="$missing rabbitmq-server"
[ -n "${DRAMATIQ_TEST_REDIS:-}" ] || command -v redis-server >/dev/null || missing="$missing redis-server"
[ -n "${DRAMATIQ_TEST_CHROMIUM:-}" ] || [ -x /usr/bin/chromium ] || missing="$missing chromium fonts-dejavu-core"
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || { echo "no apt-get here: install$missing by hand, or set DRAMATIQ_TEST_RABBITMQ and DRAMATIQ_TEST_REDIS to running ones, and DRAMATIQ_TEST_CHROMIUM to a browser" >&2; exit 1; }

sudo=
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"

# Package scripts ask policy-rc.d before they start a service: 101 is "no". A policy that is there already is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod +x "$policy"
    trap '$sudo rm -f /usr/sbin/policy-rc.d' EXIT
fi

$sudo apt-get update -q
# shellcheck disable=SC2086 # several words on purpose
$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
if [ -d /run/systemd/system ]; then
    # shellcheck disable=SC2086
    $sudo systemctl disable --now $missing >/dev/null 2>&1 || true
fi
