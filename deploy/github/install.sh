#!/usr/bin/env bash
# Build the version of lastgood that this action is, without the AWS SDK, which a gate does not need.
set -euo pipefail
if command -v lastgood > /dev/null; then
  lastgood --version
  exit 0
fi
cargo install --locked --quiet --no-default-features --path "$GITHUB_ACTION_PATH" --root "$RUNNER_TEMP/lastgood"
echo "$RUNNER_TEMP/lastgood/bin" >> "$GITHUB_PATH"
