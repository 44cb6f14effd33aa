# Debian, not Alpine: the SDK's native part is built for glibc only.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /app/dist ./dist

# The heap limit is three quarters of 2 GB; change it with the container's memory.
ENV NODE_ENV=production NODE_OPTIONS=--max-old-space-size=1536

# What the worker writes (staging, rows of a store of kind `files`) lies here unless a setting says otherwise.
RUN install --directory --owner=1000 --group=1000 /var/lib/titanflow
WORKDIR /var/lib/titanflow
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
ENTRYPOINT ["node"]
CMD ["/app/dist/cli.js", "worker"]
