#!/usr/bin/env bash
# Run `lastgood gate` in a workflow: annotations, a summary of the job, SARIF, and the exit code as an output.
set -uo pipefail

arguments=(--fail-on "$GATE_FAIL_ON")
# One flag for each line of an input.
each() {
  local flag=$1 line
  while IFS= read -r line || [ -n "$line" ]; do
    if [ -n "$line" ]; then
      if [ -n "$flag" ]; then arguments+=("$flag" "$line"); else arguments+=("$line"); fi
    fi
  done <<< "$2"
}
each --policies "$GATE_POLICIES"
each --source "$GATE_SOURCE"
each --inventory "$GATE_INVENTORY"
each --baseline "$GATE_BASELINE"
each "" "$GATE_ARGUMENTS"
case "$GATE_INCOMPLETE" in
  fail | warn) ;;
  *) echo "::error::\`incomplete\` is fail or warn"; exit 2 ;;
esac

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/lastgood.XXXXXX")
worst=0
sarif=""
inputs=0
while IFS= read -r plan || [ -n "$plan" ]; do
  [ -n "$plan" ] || continue
  inputs=$((inputs + 1))
  sarif="$work/$inputs.sarif"
  lastgood gate "${arguments[@]}" --format github --format "sarif=$sarif" --format "markdown=$work/$inputs.md" \
    --format "table=$work/$inputs.txt" -- "$plan"
  code=$?
  [ -f "$work/$inputs.txt" ] && { echo "::group::$plan"; cat "$work/$inputs.txt"; echo "::endgroup::"; }
  [ -f "$work/$inputs.md" ] && cat "$work/$inputs.md" >> "${GITHUB_STEP_SUMMARY:-/dev/null}"
  case $code in
    0) ;;
    4) [ "$worst" -eq 0 ] && worst=4 ;;
    3) case $worst in 0 | 4) worst=3 ;; esac ;;
    # No audit was performed: nothing weighs more.
    *) worst=$code; echo "::error title=no audit::\`lastgood gate\` could not judge $plan: see the log" ;;
  esac
done <<< "$GATE_PLAN"
if [ "$inputs" -eq 0 ]; then
  echo "::error title=no audit::the input \`plan\` names nothing"
  worst=2
fi
[ "$inputs" -eq 1 ] && [ -f "$sarif" ] || sarif=""
{
  echo "exit-code=$worst"
  echo "sarif=$sarif"
} >> "${GITHUB_OUTPUT:-/dev/null}"
if [ "$worst" -eq 4 ] && [ "$GATE_INCOMPLETE" = warn ]; then
  exit 0
fi
exit "$worst"
