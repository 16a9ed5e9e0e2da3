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

step "format" .venv/bin/ruff format --check .
step "style" .venv/bin/ruff check .
step "types" types
step "floors" .venv/bin/lint-imports --no-logo
step "documents and names" .venv/bin/pytest --quiet tests/architecture
step "lock file" .tools/bin/uv lock --check --quiet
echo "All checks passed."
