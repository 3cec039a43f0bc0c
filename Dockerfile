# Build the wheel first: `make wheel && docker build -t reelgraph .`; see docs/howto/containers.md.
FROM debian:13-slim
ARG MORE=""
RUN --mount=type=bind,target=/src sh /src/packaging/image/steps.sh /src/dist/reelgraph-*.whl $MORE
ENV PATH=/opt/reelgraph/bin:$PATH REELGRAPH_HOME=/data REELGRAPH_SANDBOX=required
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz')"]
ENTRYPOINT ["reelgraph"]
CMD ["serve"]
