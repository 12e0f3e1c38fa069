# Images of the servers, each with its programs alone:
#   docker build --target buildomat -t buildomat .      the core, the command line, the agents for both architectures
#   docker build --target wollongong -t wollongong .    the GitHub App and its tool
# docs/install.md tells how to run them.

FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# `here` is the architecture of the image.
RUN here=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/') && ./scripts/build && ln -s "$here" dist/here

FROM debian:bookworm-slim AS base
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*

FROM base AS wollongong
COPY --from=build /src/dist/here/wollongong-server /src/dist/here/wollongong-dbtool /usr/local/bin/
RUN useradd --system --uid 4021 --home-dir /var/lib/wollongong wollongong && install -d -o wollongong -m 0700 /var/lib/wollongong
USER wollongong
# With etc/app.toml and etc/privkey.pem in it.
WORKDIR /var/lib/wollongong
VOLUME /var/lib/wollongong
EXPOSE 4021
HEALTHCHECK CMD ["curl", "-fsS", "http://127.0.0.1:4021/healthz"]
ENTRYPOINT ["wollongong-server"]

FROM base AS buildomat
COPY --from=build /src/dist/here/buildomat-server /src/dist/here/buildomat /opt/buildomat/bin/
COPY --from=build /src/dist/linux-x64/buildomat-agent /opt/buildomat/linux-x64/
COPY --from=build /src/dist/linux-arm64/buildomat-agent /opt/buildomat/linux-arm64/
ENV PATH=/opt/buildomat/bin:$PATH
RUN useradd --system --uid 9979 --home-dir /var/lib/buildomat buildomat && install -d -o buildomat -m 0700 /var/lib/buildomat
USER buildomat
WORKDIR /var/lib/buildomat
VOLUME /var/lib/buildomat
EXPOSE 9979
HEALTHCHECK CMD ["curl", "-fsS", "http://127.0.0.1:9979/healthz"]
ENTRYPOINT ["buildomat-server"]
CMD ["--config", "/etc/buildomat/server.toml"]
