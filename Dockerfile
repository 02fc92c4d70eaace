# One image for web, worker and beat; docker-compose.yml says which process each container runs.
FROM node:22-slim AS front-end
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY static ./static
COPY templates ./templates
# The stylesheet also needs the classes that forms and components name.
COPY platform ./platform
COPY creators ./creators
COPY campaigns ./campaigns
COPY outreach ./outreach
COPY tracking ./tracking
RUN npm run build

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app/platform:/app DEBUG=0 DATA_DIR=/data STATIC_ROOT=/app/static-files
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY manage.py pyproject.toml ./
COPY platform ./platform
COPY creators ./creators
COPY campaigns ./campaigns
COPY outreach ./outreach
COPY tracking ./tracking
COPY templates ./templates
COPY --from=front-end /src/static ./static
RUN SECRET_KEY=collecting python manage.py collectstatic --noinput --ignore redoc --verbosity 0 \
    && useradd --system --uid 10001 groundswell && install -d -o groundswell /data
USER groundswell
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "8", "--respawn-failed-workers", "groundswell.services.web:application"]
