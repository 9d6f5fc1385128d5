#!/bin/sh
# Installs the servers that the tests start for themselves (Debian and Ubuntu). Nothing is left running: no service is started now, or at boot.
set -eu

command -v apt-get >/dev/null || { echo "no apt-get here: install rabbitmq-server by hand, or set DRAMATIQ_TEST_RABBITMQ to a running one" >&2; exit 1; }
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && exit 0

sudo=
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"

# Package scripts ask policy-rc.d before they start a service: 101 is "no". A policy that is there already is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod +x "$policy"
    trap '$sudo rm -f /usr/sbin/policy-rc.d' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q
$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends rabbitmq-server
if [ -d /run/systemd/system ]; then
    $sudo systemctl disable --now rabbitmq-server >/dev/null 2>&1 || true
fi
