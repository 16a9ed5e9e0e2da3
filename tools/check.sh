#!/bin/sh
# What `make check` runs: each step by name, stopping at the first that fails.
set -eu

cd "$(dirname "$0")/.."

step() {
  name=$1
  shift
  echo "== $name"
  "$@"
}

# Examples are checked one folder at a time, since each is a program of its own.
types() {
  .venv/bin/mypy src
  for example in examples/*/; do
    if [ -d "$example" ]; then .venv/bin/mypy "$example"; fi
  done
}

# The LMS that tests/partners starts has an environment of its own.
locks() {
  .tools/bin/uv lock --check --quiet
  .tools/bin/uv lock --check --quiet --project tests/partners/openedx
}

step "format" .venv/bin/ruff format --check .
step "style" .venv/bin/ruff check .
step "types" types
step "floors" .venv/bin/lint-imports --no-logo
step "documents and names" .venv/bin/pytest --quiet tests/architecture
step "lock files" locks
echo "All checks passed."
