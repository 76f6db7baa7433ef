# Meigara for a server: one image for web, workers and beats.
FROM python:3.12-slim-bookworm AS build
WORKDIR /meigara
COPY requirements/setup.lock requirements/run.lock requirements/
RUN python -m venv /opt/meigara \
	&& /opt/meigara/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY src src
RUN /opt/meigara/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 meigara
COPY --from=build /opt/meigara /opt/meigara
ENV PATH=/opt/meigara/bin:$PATH PYTHONUNBUFFERED=1
USER meigara
CMD ["meigara", "serve"]
