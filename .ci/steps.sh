# Sourced by .ci/run and .ci/containers: names what is being done, and tells at the end how long each step took.

STEP_NAMES=()
STEP_STARTS=()

step() {
  STEP_NAMES+=("$1")
  STEP_STARTS+=("$SECONDS")
  printf '\n== %s (%s s)\n' "$1" "$SECONDS"
}

print_step_times() {
  local index end
  STEP_STARTS+=("$SECONDS")
  printf '\n'
  for index in "${!STEP_NAMES[@]}"; do
    end=${STEP_STARTS[index + 1]}
    printf '%5d s  %s\n' $((end - STEP_STARTS[index])) "${STEP_NAMES[index]}"
  done
  printf '%5d s  in all\n' "$SECONDS"
}
