#!/bin/sh
# Makes .tools/bin/uv, which does everything else. Needs nothing but a python3; says on standard error what it does.
set -eu

UV_VERSION=0.13.9

cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never

say() { echo "bootstrap: $*" >&2; }

# A uv on PATH will do, if pyproject.toml finds it new enough and it sees a fitting Python.
if on_path=$(command -v uv) && "$on_path" python find >/dev/null 2>&1; then
  say "using $on_path"
  rm -rf .tools
  mkdir -p .tools/bin
  ln -s "$on_path" .tools/bin/uv
  exit 0
fi

if ! command -v python3 >/dev/null; then
  say "there is no python3 here. Install Python 3.11 or newer and try again."
  exit 1
fi

# Debian and Ubuntu ship python3 without the part that makes environments.
if ! python3 -c 'import ensurepip' 2>/dev/null; then
  if ! command -v apt-get >/dev/null; then
    say "python3 has no 'ensurepip' module. Install your system's package for Python's 'venv' and try again."
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    say "Python cannot make environments yet. Type this once, then try again:"
    echo "sudo apt-get update && sudo apt-get install -y python3-venv" >&2
    exit 1
  fi
  say "installing python3-venv"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends python3-venv >&2 </dev/null
fi

say "installing uv $UV_VERSION into .tools"
rm -rf .tools
python3 -m venv .tools
.tools/bin/pip install --quiet --disable-pip-version-check --only-binary :all: "uv==$UV_VERSION" >&2
