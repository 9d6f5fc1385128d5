#!/usr/bin/env bash
# Installs the servers that the tests start privately. No service is left running: the tests start their own, on 127.0.0.1.
set -euo pipefail

install_redis() {
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends redis-server
  if command -v systemctl >/dev/null && systemctl is-active --quiet redis-server; then
    systemctl disable --now redis-server
  fi
}

apt-get update
install_redis
