# Sourced by .ci/run: starts a RabbitMQ, a Zipkin and a MongoDB-wire server on free loopback ports, in temporary folders, and
# sets TEST_AMQP_URL, TEST_ZIPKIN_URL and TEST_MONGODB_URL. Wants WORK, ZIPKIN_JAR, SECANTUSDB and RABBITMQ. The chaos suite
# starts a RabbitMQ and a SecantusDB of its own, which it finds by PATH.

COMPONENT_PIDS=()

start_components() {
  local zipkin_port mongodb_port rabbitmq_port node_port
  # RabbitMQ takes three ports: its own, the one of its node and the one of epmd, the Erlang port mapper.
  read -r zipkin_port mongodb_port rabbitmq_port node_port epmd_port < <(free_ports)
  start_rabbitmq "$rabbitmq_port" "$node_port" "$epmd_port" >"$WORK/rabbitmq.log" 2>&1 &
  COMPONENT_PIDS+=($!)
  start_zipkin "$zipkin_port" >"$WORK/zipkin.log" 2>&1 &
  COMPONENT_PIDS+=($!)
  start_secantusdb "$mongodb_port" >"$WORK/secantusdb.log" 2>&1 &
  COMPONENT_PIDS+=($!)
  wait_for RabbitMQ "$rabbitmq_port" rabbitmq.log
  wait_for SecantusDB "$mongodb_port" secantusdb.log
  wait_for Zipkin "$zipkin_port" zipkin.log
  export TEST_AMQP_URL="amqp://guest:guest@127.0.0.1:$rabbitmq_port"
  export TEST_ZIPKIN_URL="http://127.0.0.1:$zipkin_port"
  export TEST_MONGODB_URL="mongodb://127.0.0.1:$mongodb_port"
  PATH=$PATH:$(dirname "$SECANTUSDB")
  export PATH
  printf '%s\n' "$TEST_AMQP_URL" "$TEST_ZIPKIN_URL" "$TEST_MONGODB_URL"
}

stop_components() {
  local pid
  if [[ -f $WORK/rabbitmq/rabbit.pid ]]; then kill "$(<"$WORK/rabbitmq/rabbit.pid")" 2>/dev/null || true; fi
  for pid in "${COMPONENT_PIDS[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${COMPONENT_PIDS[@]}"; do wait "$pid" 2>/dev/null || true; done
  ERL_EPMD_PORT=${epmd_port:-} epmd -kill >/dev/null 2>&1 || true
}

# Five free ports below those that the kernel gives to outgoing connections.
free_ports() {
  python3 - <<'PYTHON'
import random, socket
ports = []
while len(ports) < 5:
    port = random.randint(15000, 30000)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    if port not in ports:
        ports.append(port)
print(*ports)
PYTHON
}

start_rabbitmq() {
  local port=$1 node_port=$2 epmd_port=$3 dir=$WORK/rabbitmq
  mkdir -p "$dir"/{home,log,mnesia}
  cat >"$dir/rabbitmq.conf" <<CONFIGURATION
listeners.tcp.1 = 127.0.0.1:$port
log.console = true
log.console.level = warning
vm_memory_high_watermark.relative = 0.2
disk_free_limit.absolute = 50MB
CONFIGURATION
  echo '[].' >"$dir/enabled_plugins"
  # Not the wrapper in /usr/sbin, which would change the user.
  HOME=$dir/home RABBITMQ_NODENAME="ci$port@localhost" RABBITMQ_CONFIG_FILE=$dir/rabbitmq.conf \
    RABBITMQ_MNESIA_BASE=$dir/mnesia RABBITMQ_LOG_BASE=$dir/log RABBITMQ_PID_FILE=$dir/rabbit.pid \
    RABBITMQ_ENABLED_PLUGINS_FILE=$dir/enabled_plugins RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_DIST_PORT=$node_port ERL_EPMD_PORT=$epmd_port ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}" \
    exec "$RABBITMQ"
}

start_zipkin() {
  STORAGE_TYPE=mem MEM_MAX_SPANS=150000 SELF_TRACING_ENABLED=false \
    exec java -Xms64m -Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError \
    -jar "$ZIPKIN_JAR" --logging.level.root=WARN --armeria.ports[0].port="$1" \
    --armeria.ports[0].ip=127.0.0.1 --armeria.ports[0].protocols[0]=http
}

start_secantusdb() {
  mkdir -p "$WORK/secantusdb"
  exec "$SECANTUSDB" --host 127.0.0.1 --port "$1" --storage-path "$WORK/secantusdb" --cache-size 64M --log-level WARNING
}

wait_for() {
  local name=$1 port=$2 log=$3 deadline=$((SECONDS + 60))
  until (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    if ((SECONDS > deadline)); then
      echo "Cannot start $name: nothing listens on port $port after 60 s; its log:" >&2
      cat "$WORK/$log" >&2
      return 1
    fi
    sleep 0.2
  done
}
