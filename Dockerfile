# Two stages: the first builds the environment from the lock, the second only runs it.
FROM python:3.13-slim AS build
RUN python3 -m pip install --no-cache-dir 'uv>=0.8,<1'
WORKDIR /app
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project
COPY engine engine
COPY jobs jobs
COPY bot bot
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 gexwire \
 && mkdir -p /app/data /app/charts \
 && chown gexwire /app/data /app/charts
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY config.yaml ./
USER gexwire
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 MPLCONFIGDIR=/app/data/matplotlib
VOLUME ["/app/data"]
HEALTHCHECK --interval=60s --timeout=15s --start-period=30s CMD ["gexwire", "doctor", "--alive"]
ENTRYPOINT ["gexwire"]
CMD ["run"]
