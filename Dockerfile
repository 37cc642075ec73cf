# Identity Pools Lab. Every step is a script of scripts/image, which `make verify` runs as well, where there is no Docker.
# By its tag and not by a digest: this was written where no registry is reached. `docker buildx imagetools inspect
# python:3.12-slim` says the digest; with FROM python:3.12-slim@sha256:... the image is the same each time.
FROM python:3.12-slim

LABEL org.opencontainers.image.title="Identity Pools Lab" \
      org.opencontainers.image.description="Learn, demonstrate and teach Amazon Cognito identity pools" \
      org.opencontainers.image.version="0.3.0" \
      org.opencontainers.image.licenses="Apache-2.0"

WORKDIR /app
COPY scripts/image scripts/image
RUN ["scripts/image/system"]
COPY requirements.hashes.txt ./
RUN ["scripts/image/requirements"]
COPY . .
RUN ["scripts/image/compile"]

# Both servers listen on the container's own address; compose.yaml says who reaches that.
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    ENV_FILE=/data/.env \
    WEB_HOST=0.0.0.0 \
    SANDBOX_HOST=0.0.0.0
VOLUME ["/data"]
EXPOSE 8000 4566
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=2s CMD ["scripts/image/health"]
ENTRYPOINT ["scripts/image/start"]
CMD ["demo"]
