# The whole program: hosts of a fleet on a cluster (docs/scale-out.md), and of `--fleet containers`.
#   docker build -t netra-resilience .
# Needs no BuildKit. Behind a registry or a proxy of one's own:
#   --build-arg NODE_IMAGE=…             another base with Node 22.22 or newer and npm
#   --build-arg NPM_CONFIG_REGISTRY=…    another package registry; a .npmrc beside this file is used as well
#   a file ca-certificates.crt beside this one   certificates to trust; scripts/fleet-image sends the machine's
# What these bring stays in the first stage.
ARG NODE_IMAGE=node:24-slim
FROM ${NODE_IMAGE} AS build
ARG NPM_CONFIG_REGISTRY
ARG HTTP_PROXY
ARG HTTPS_PROXY
ARG NO_PROXY
WORKDIR /build
COPY package.json package-lock.json .npmrc* ca-certificates.cr[t] ./
RUN if [ -f ca-certificates.crt ]; then export NODE_EXTRA_CA_CERTS="$PWD/ca-certificates.crt" NPM_CONFIG_CAFILE="$PWD/ca-certificates.crt"; fi \
 && npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
# Without maps and declarations: nobody debugs or compiles in there.
RUN npm run build -- --sourceMap false --declaration false \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -type f -delete

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="netra-resilience" org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /opt/netra
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY bin bin
COPY scenarios scenarios
COPY report-page report-page
COPY fixtures/business fixtures/business
# A number, so that a cluster can see that it is not root.
RUN mkdir -p /var/lib/netra cache && chown 10001:10001 /var/lib/netra cache
USER 10001:10001
ENV NODE_ENV=production HOME=/var/lib/netra NETRA_STATE_DIR=/var/lib/netra/state NETRA_CACHE_DIR=/opt/netra/cache NETRA_HTTP_PORT=8080
# A host that is told nothing loads all of itself before it says what it lacks: its compiled code is there from now on.
RUN node bin/netra-resilience.js host >/dev/null 2>&1; [ $? -eq 64 ]
EXPOSE 8080
VOLUME /var/lib/netra
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.NETRA_HTTP_PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/netra/bin/netra-resilience.js"]
CMD ["--help"]
