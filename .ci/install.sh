# Sourced by .ci/run: downloads what is missing from the package registries, in parallel.

DENO_VERSION=2.9.6
SECANTUSDB_VERSION=0.7.0b3
SCHEMATHESIS_VERSION=4.32.5
ZIPKIN_VERSION=3.6.1
MONGOSH_VERSION=2.12.0
ZIPKIN_JAR="$CI_CACHE/zipkin-server-$ZIPKIN_VERSION-slim.jar"
SECANTUSDB="$CI_CACHE/secantusdb-$SECANTUSDB_VERSION/bin/secantusd-py"
SCHEMATHESIS="$CI_CACHE/schemathesis-$SCHEMATHESIS_VERSION/bin/st"
RABBITMQ=/usr/lib/rabbitmq/bin/rabbitmq-server
CHROMIUM=/usr/bin/chromium
PROMETHEUS="$CI_CACHE/prometheus/usr/bin"
OPENTELEMETRY_VERSION=3.1.0
OPENTELEMETRY="$CI_CACHE/opentelemetry-$OPENTELEMETRY_VERSION"
MONGOSH="$CI_CACHE/mongosh-$MONGOSH_VERSION/node_modules/.bin/mongosh"

install_everything() {
  local pids=() names=(deno debian_packages mongosh opentelemetry prometheus secantusdb schemathesis zipkin) failed=0
  for name in "${names[@]}"; do
    "install_$name" >"$WORK/install-$name.log" 2>&1 &
    pids+=($!)
  done
  for index in "${!pids[@]}"; do
    wait "${pids[$index]}" && continue
    failed=1
    echo "Cannot install ${names[$index]}:" >&2
    cat "$WORK/install-${names[$index]}.log" >&2
  done
  return "$failed"
}

install_deno() {
  local deno="$CI_CACHE/deno/node_modules/.bin/deno"
  [[ -x $deno && $("$deno" --version) == "deno $DENO_VERSION "* ]] ||
    npm install --prefix "$CI_CACHE/deno" --no-save "deno@$DENO_VERSION"
}

# RabbitMQ, and Chromium for the tests of the page.
install_debian_packages() {
  [[ -x $RABBITMQ && -x $CHROMIUM ]] && return
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends rabbitmq-server chromium
}

install_mongosh() {
  [[ -x $MONGOSH ]] && return
  npm install --prefix "$CI_CACHE/mongosh-$MONGOSH_VERSION" --no-save --ignore-scripts "mongosh@$MONGOSH_VERSION"
}

# For Node: the packages of another program that traces RabbitMQ.
install_opentelemetry() {
  [[ -d $OPENTELEMETRY/node_modules/amqplib ]] && return
  npm install --prefix "$OPENTELEMETRY" --no-save --ignore-scripts @opentelemetry/api@1.10.0 \
    "@opentelemetry/core@$OPENTELEMETRY_VERSION" "@opentelemetry/sdk-trace@$OPENTELEMETRY_VERSION" \
    "@opentelemetry/context-async-hooks@$OPENTELEMETRY_VERSION" @opentelemetry/instrumentation@0.301.0 \
    @opentelemetry/instrumentation-amqplib@0.71.0 amqplib@2.3.1
}

# Only unpacked: an installed package would be started.
install_prometheus() {
  [[ -x $PROMETHEUS/promtool ]] && return
  local folder
  folder=$(mktemp -d)
  (cd "$folder" && apt-get update -q && apt-get download -q prometheus && dpkg-deb -x prometheus_*.deb "$CI_CACHE/prometheus")
  rm -rf "$folder"
}

install_secantusdb() {
  [[ -x $SECANTUSDB ]] && return
  python3 -m venv "$CI_CACHE/secantusdb-$SECANTUSDB_VERSION"
  "$CI_CACHE/secantusdb-$SECANTUSDB_VERSION/bin/pip" install -q "secantusdb==$SECANTUSDB_VERSION"
}

install_schemathesis() {
  [[ -x $SCHEMATHESIS ]] && return
  python3 -m venv "$CI_CACHE/schemathesis-$SCHEMATHESIS_VERSION"
  "$CI_CACHE/schemathesis-$SCHEMATHESIS_VERSION/bin/pip" install -q "schemathesis==$SCHEMATHESIS_VERSION"
}

install_zipkin() {
  [[ -f $ZIPKIN_JAR ]] && return
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    -Dartifact="io.zipkin:zipkin-server:$ZIPKIN_VERSION:jar:slim" \
    -DoutputDirectory="$CI_CACHE" -Dmdep.overWriteReleases=true
}
