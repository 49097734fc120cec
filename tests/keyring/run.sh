#!/usr/bin/env bash
# Start a Secret Service of one's own on a bus of one's own, in a home of one's own, and run tests/keyring against it.
# Says when it skips: the system has no gnome-keyring or no dbus (Debian: apt-get install gnome-keyring dbus).
set -euo pipefail
python=$1
shift
for program in dbus-run-session gnome-keyring-daemon; do
  if ! command -v "$program" >/dev/null; then
    echo "SKIPPED: the second factor was not tested against a real Secret Service: $program is not installed."
    echo "         On Debian: apt-get install gnome-keyring dbus"
    exit 0
  fi
done
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
if "$python" -m pip --disable-pip-version-check -qq install --no-deps --target "$home/alt" keyrings.alt==5.0.2 2>/dev/null; then
  export KINGSHURST_KEYRINGS_ALT="$home/alt"
else
  echo "keyrings.alt could not be installed; the test with both keyrings skips."
fi
export HOME="$home" XDG_RUNTIME_DIR="$home" XDG_DATA_HOME="$home/data" XDG_CONFIG_HOME="$home/config"
export KINGSHURST_SECRET_SERVICE=1
unset PYTHON_KEYRING_BACKEND
dbus-run-session -- bash -c '
  set -euo pipefail
  printf "%s" "a login of the tests" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
  exec "$@"
' keyring "$python" -m pytest -q tests/keyring "$@"
