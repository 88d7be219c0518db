#!/bin/sh
# Makes the project's virtual environment from the locks. Everything else is done by drillbook itself, in Python.
# Safe to run again: what is there already takes no time. Exit code 4: something is missing that only you can add.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
uv=.drillbook/uv/bin/uv
ready=.venv/ready

refuse() {
  printf 'error: %s\n  mend:     %s\n' "$1" "$2" >&2
  exit 4
}

# The stamp names what the environment was made from, and where: scripts in it hold absolute paths.
wanted=$(cat requirements.lock requirements/uv.lock pyproject.toml | cksum)" $PWD"
[ -f "$ready" ] && [ "$(cat "$ready")" = "$wanted" ] && exit 0

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null ||
  refuse "drillbook needs Python 3.11 or newer as '$python'" "install it, or name one: make setup PYTHON=python3.12"

if ! "$python" -c 'import venv, ensurepip' 2> /dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null ||
    refuse "this Python cannot make virtual environments" "sudo apt-get install python3-venv"
  echo "installing python3-venv: this Python cannot make virtual environments without it"
  apt-get -o DPkg::Lock::Timeout=120 update --quiet > /dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install --yes --quiet --no-install-recommends \
    python3-venv > /dev/null || refuse "apt-get could not install python3-venv" "apt-get install python3-venv"
fi

if ! [ -f .drillbook/uv/ready ] || ! cmp -s requirements/uv.lock .drillbook/uv/ready; then
  echo "installing uv into .drillbook: it installs the Python packages, each checked against its hash in the lock"
  rm -rf .drillbook/uv
  "$python" -m venv .drillbook/uv
  .drillbook/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.lock ||
    refuse "uv could not be installed" "look at pip's words above; does this machine reach a Python package index?"
  cp requirements/uv.lock .drillbook/uv/ready
fi

echo "installing $(grep -c == requirements.lock) Python packages into .venv, as requirements.lock names them"
rm -f "$ready"
[ -x .venv/bin/python ] || "$uv" venv --quiet --python "$python" .venv
"$uv" pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock ||
  refuse "the Python packages could not be installed" "look at uv's words above; does this machine reach a Python package index?"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
printf '%s' "$wanted" > "$ready"
