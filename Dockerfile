# The executable, compiled with the permissions of deno.json, in an image with nothing else in it: no shell, no package
# manager, and no user but an unprivileged one. It needs no place to write: run it with a read-only file system.
FROM denoland/deno:2.9.6 AS build
WORKDIR /build
COPY deno.json deno.lock main.ts ./
COPY src src
COPY scripts scripts
RUN deno task compile --output /out/tributary

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="tributary" \
      org.opencontainers.image.description="MongoDB change events into a data lake on S3, each exactly once" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/tributary /usr/local/bin/tributary
# A container's network ends at its own boundary: listen on all of it, IPv6 and IPv4.
ENV HTTP_ADDRESS=:8080
EXPOSE 8080
USER nonroot
# Asks the running copy; there is no curl here.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/local/bin/tributary", "health"]
ENTRYPOINT ["/usr/local/bin/tributary"]
CMD ["run"]
