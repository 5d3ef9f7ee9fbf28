#!/usr/bin/env bash
# Rebuilds assets/dist from assets/web and assets/i18n. The only way to do it: the result is byte-identical
# for the same sources, so a rebuild that changes nothing leaves nothing to commit.
set -euo pipefail
cd "$(dirname "$0")/web"
npm ci --ignore-scripts --no-audit --no-fund
npm run --silent check
npm run --silent test
npm run --silent build
node scripts/sources.mjs write
