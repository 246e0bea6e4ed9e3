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
mkdir "$work/sarif" "$work/markdown" "$work/table"
plans=()
while IFS= read -r plan || [ -n "$plan" ]; do
  if [ -n "$plan" ]; then plans+=("$plan"); fi
done <<< "$GATE_PLAN"
if [ ${#plans[@]} -eq 0 ]; then
  echo "::error title=no audit::the input \`plan\` names nothing"
  code=2
else
  # All at once: a nested stack is told by the one around it.
  lastgood gate "${arguments[@]}" --format github --format "sarif=$work/sarif/{input}.sarif" \
    --format "markdown=$work/markdown/{input}.md" --format "table=$work/table/{input}.txt" -- "${plans[@]}"
  code=$?
  for table in "$work"/table/*.txt; do
    [ -f "$table" ] && { echo "::group::$(basename "$table" .txt)"; cat "$table"; echo "::endgroup::"; }
  done
  for summary in "$work"/markdown/*.md; do
    [ -f "$summary" ] && cat "$summary" >> "${GITHUB_STEP_SUMMARY:-/dev/null}"
  done
  case $code in
    0 | 3 | 4) ;;
    *) echo "::error title=no audit::\`lastgood gate\` could not judge everything: see the log" ;;
  esac
fi
# A file where there is one; the upload takes a folder, too.
sarif=$(find "$work/sarif" -name '*.sarif')
case $(wc -l <<< "$sarif") in
  1) ;;
  *) sarif=$work/sarif ;;
esac
{
  echo "exit-code=$code"
  echo "sarif=$sarif"
} >> "${GITHUB_OUTPUT:-/dev/null}"
if [ "$code" -eq 4 ] && [ "$GATE_INCOMPLETE" = warn ]; then
  exit 0
fi
exit "$code"
