#!/bin/sh
# Builds the UI bundle into src/muniment/ui.
set -eu
cd "$(dirname "$0")"
PATH="$(sh ./node.sh):$PATH"
export PATH
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
