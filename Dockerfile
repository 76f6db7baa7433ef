# Meigara for a server: one image for web, workers and beats. Its data is in /data.
FROM python:3.12-slim-bookworm AS build
WORKDIR /meigara
COPY requirements/build.lock requirements/run.lock requirements/
RUN python -m venv /opt/build \
	&& /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.lock \
	&& python -m venv /opt/meigara \
	&& /opt/meigara/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY src src
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
	&& /opt/meigara/bin/pip install --no-cache-dir --no-deps dist/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 meigara && install -d -o meigara -m 700 /data
COPY --from=build /opt/meigara /opt/meigara
ENV PATH=/opt/meigara/bin:$PATH PYTHONUNBUFFERED=1 XDG_DATA_HOME=/data
USER meigara
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s \
	CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["meigara", "serve", "--host", "0.0.0.0"]
