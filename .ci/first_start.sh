# Sourced by .ci/run: what a first `deno task dev` downloads. Whichever task runs, Deno first takes every package of the lock
# (https://github.com/denoland/deno/issues/30887), so that this grows with each dependency.

# Of unpacked packages, what the registry says of them included.
FIRST_START_MOST_MB=56
FIRST_START_TIMEOUT_S=120

measure_first_start() {
  local folder="$WORK/first-start" began=${EPOCHREALTIME/./} deadline=$((SECONDS + FIRST_START_TIMEOUT_S))
  mkdir "$folder"
  DENO_DIR="$folder/deno" deno task dev --state "$folder/state" >"$folder/log" 2>&1 &
  local pid=$!
  until grep -q '^Ready in' "$folder/log"; do
    if ((SECONDS > deadline)) || ! kill -0 "$pid" 2>/dev/null; then
      cat "$folder/log" >&2
      kill "$pid" 2>/dev/null
      return 1
    fi
    sleep 0.05
  done
  local milliseconds=$(((${EPOCHREALTIME/./} - began) / 1000)) megabytes
  kill "$pid"
  wait "$pid" || true
  megabytes=$(du -sm "$folder/deno/npm" | cut -f1)
  echo "A first deno task dev takes $megabytes MB of packages, and was ready after $milliseconds ms"
  ((megabytes <= FIRST_START_MOST_MB)) && return
  echo "Cannot pass: that is more than $FIRST_START_MOST_MB MB; take a package out, or say in .ci/first_start.sh why not" >&2
  return 1
}
