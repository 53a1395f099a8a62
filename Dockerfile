# Two images of one house:
#   docker build --target host -t madang .                the engine
#   docker build --target strategy -t madang-strategy .   a Python strategy server
# Both run as a user without rights.

FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY Tools/packages Tools/packages
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        $(awk '$1 == "build" { print $2 }' Tools/packages) \
    && rm -rf /var/lib/apt/lists/*
COPY Package.swift ./
COPY Sources Sources
# The manifest names the folders of tests and benchmarks too.
COPY Tests Tests
COPY Benchmarks Benchmarks
RUN swift build -c release --product madang --static-swift-stdlib \
    && swift build -c release --product madang-sim --static-swift-stdlib \
    && install -D -t /out "$(swift build -c release --show-bin-path)"/madang \
        "$(swift build -c release --show-bin-path)"/madang-sim

FROM debian:bookworm-slim AS host
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates libcurl4 libgrpc29 libmicrohttpd12 libpq5 libsqlite3-0 libssl3 libwebsockets17 libyaml-0-2 \
        tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 madang
COPY --from=build /out/madang /out/madang-sim /usr/local/bin/
USER madang
WORKDIR /home/madang
# Send SIGTERM and wait: the host drains, flushes its log and says what the run came to.
STOPSIGNAL SIGTERM
ENTRYPOINT ["madang"]
CMD ["run"]

FROM debian:bookworm-slim AS strategy
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 madang
COPY strategies-py /opt/strategies-py
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes \
        -r /opt/strategies-py/requirements.lock \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps /opt/strategies-py
COPY examples /home/madang/examples
USER madang
WORKDIR /home/madang
ENTRYPOINT ["/opt/venv/bin/python"]
CMD ["examples/ma_cross.py"]
