# Sourced by .ci/containers: a Docker engine for a machine that has none, and images under the names that compose.yaml and the
# Dockerfile ask for. All of it comes from the package registries, is unpacked into CI_CACHE, and installs nothing on the machine.
#
# The engine has a network of its own (slirp4netns), so that no port of the machine is taken and its firewall stays as it is.

ENGINE=$CI_CACHE/engine
ENGINE_DATA=$CI_CACHE/engine-data
ENGINE_CGROUP=/tracing-playground
ENGINE_PIDS=()

# Debian 12's engine knows no start_interval (25 or later does), and Debian 13's runc and slirp4netns want a newer glibc.
FROM_DEBIAN_13=(docker.io docker-cli containerd docker-compose docker-buildx)
FROM_DEBIAN_12=(runc slirp4netns libslirp0 iptables libnftnl11 libxtables12 tini debootstrap)

# The mirror of Debian that this machine uses.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' | grep -m 1 '/debian/$'
}

install_engine() {
  unpack_engine
  unpack_debian
}

unpack_engine() {
  [[ -f $ENGINE/complete ]] && return
  rm -rf "$ENGINE"
  mkdir -p "$ENGINE"/{packages,root,apt/lists/partial,apt/cache}
  cat >"$ENGINE/apt/trixie.sources" <<SOURCES
Types: deb
URIs: $(debian_mirror)
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  local trixie=(-o "Dir::Etc::SourceList=$ENGINE/apt/trixie.sources" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$ENGINE/apt/lists" -o "Dir::Cache=$ENGINE/apt/cache")
  (
    cd "$ENGINE/packages"
    apt-get "${trixie[@]}" update -q
    apt-get "${trixie[@]}" download -q "${FROM_DEBIAN_13[@]}"
    apt-get update -q
    apt-get download -q "${FROM_DEBIAN_12[@]}"
  )
  for package in "$ENGINE"/packages/*.deb; do dpkg-deb -x "$package" "$ENGINE/root"; done
  touch "$ENGINE/complete"
}

# A Debian 13 to make the images from; it trusts whom this machine trusts.
unpack_debian() {
  [[ -f $ENGINE/debian.tar ]] && return
  local root=$ENGINE/debian
  rm -rf "$root"
  DEBOOTSTRAP_DIR=$ENGINE/root/usr/share/debootstrap "$ENGINE/root/usr/sbin/debootstrap" \
    --variant=minbase --include=ca-certificates,tini,wget trixie "$root" "$(debian_mirror)"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  tar -C "$root" -cf "$ENGINE/debian.tar.new" .
  mv "$ENGINE/debian.tar.new" "$ENGINE/debian.tar"
  rm -rf "$root"
}

# Sets DOCKER_HOST and PATH for the client, and ENGINE_NETWORK: what has to stand before a command that talks to the containers.
start_engine() {
  local bin=$ENGINE/root/usr
  local libraries=$bin/lib/x86_64-linux-gnu
  export PATH="$bin/bin:$bin/sbin:$PATH"
  export DOCKER_HOST=unix://$WORK/docker.sock DOCKER_CONFIG=$WORK/docker-config
  mkdir -p "$DOCKER_CONFIG" "$WORK/run" "$ENGINE_DATA" "$WORK/sbin"
  ln -s "$bin/libexec/docker/cli-plugins" "$DOCKER_CONFIG/cli-plugins"
  ln -s "$bin/sbin/xtables-nft-multi" "$WORK/sbin/iptables"
  unshare --net sleep infinity &
  ENGINE_PIDS+=($!)
  ENGINE_NETWORK=(nsenter --target "$!" --net)
  # unshare has a moment in which it is still in the network of the machine.
  until [[ $(readlink "/proc/$!/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.05; done
  LD_LIBRARY_PATH=$libraries slirp4netns --configure --mtu=1400 --disable-host-loopback "$!" tap0 >"$WORK/slirp4netns.log" 2>&1 &
  ENGINE_PIDS+=($!)
  # With a /run of its own, where containerd and runc keep their sockets.
  "${ENGINE_NETWORK[@]}" unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' - \
    env -i PATH="$WORK/sbin:$PATH" LD_LIBRARY_PATH="$libraries" XTABLES_LIBDIR="$libraries/xtables" \
    HOME="$WORK" dockerd --data-root="$ENGINE_DATA" --exec-root="$WORK/run" --pidfile="$WORK/dockerd.pid" \
    --host="$DOCKER_HOST" --storage-driver=overlay2 --cgroup-parent="$ENGINE_CGROUP" --init-path="$bin/bin/tini-static" \
    --userland-proxy-path="$bin/sbin/docker-proxy" --dns=10.0.2.3 >"$WORK/dockerd.log" 2>&1 &
  ENGINE_PIDS+=($!)
  local deadline=$((SECONDS + 30))
  until docker info >/dev/null 2>&1; do
    if ((SECONDS > deadline)); then
      echo "Cannot start the Docker engine: it does not answer after 30 s; its log:" >&2
      cat "$WORK/dockerd.log" >&2
      return 1
    fi
    sleep 0.2
  done
}

stop_engine() {
  local pid
  ((${#ENGINE_PIDS[@]} > 0)) || return 0
  docker image prune --force >/dev/null 2>&1 || true
  for ((index = ${#ENGINE_PIDS[@]} - 1; index >= 0; index--)); do
    pid=${ENGINE_PIDS[index]}
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  # What dockerd leaves of the control groups that it made.
  find /sys/fs/cgroup -depth -type d -path "*$ENGINE_CGROUP*" -exec rmdir {} + 2>/dev/null || true
}

# One image for each that compose.yaml and the Dockerfile name, under that very name.
build_base_images() {
  local deno zipkin=$WORK/zipkin pids=() pid
  deno=$(dirname "$(find "$CI_CACHE/deno/node_modules/@deno" -name deno -type f)")
  mkdir "$zipkin"
  ln "$ZIPKIN_JAR" "$zipkin/zipkin.jar" 2>/dev/null || cp "$ZIPKIN_JAR" "$zipkin/zipkin.jar"
  docker import "$ENGINE/debian.tar" local/debian >/dev/null
  build_image deno "denoland/deno:$DENO_VERSION" --build-context "deno=$deno" & pids+=($!)
  build_image distroless "$(named_image tasks/compile/Dockerfile distroless)" --build-context "deno=$deno" & pids+=($!)
  build_image zipkin "$(named_image compose.yaml zipkin)" --build-context "zipkin=$zipkin" & pids+=($!)
  build_image mongo "$(named_image compose.yaml mongo)" --build-arg "SECANTUSDB_VERSION=$SECANTUSDB_VERSION" & pids+=($!)
  build_image rabbitmq "$(named_image compose.yaml rabbitmq)" & pids+=($!)
  for pid in "${pids[@]}"; do wait "$pid"; done
}

# The image in a file whose repository has this word in it.
named_image() { grep -oE "^( *image:|FROM) [a-z./-]*$2[a-z0-9/-]*:[^ ]+" "$1" | awk '{ print $2 }'; }

build_image() {
  local folder=$1 name=$2
  shift 2
  docker build --quiet --tag "$name" "$@" ".ci/images/$folder" >"$WORK/image-$folder.log" 2>&1 && echo "$name" && return
  echo "Cannot build the image in the place of $name:" >&2
  cat "$WORK/image-$folder.log" >&2
  return 1
}
