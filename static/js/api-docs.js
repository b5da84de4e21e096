// Draws the OpenAPI schema on /api/docs/.
const place = document.getElementById("swagger-ui");
globalThis.SwaggerUIBundle({ url: place.dataset.schema, domNode: place, deepLinking: true });
