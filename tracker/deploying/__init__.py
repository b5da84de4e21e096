"""Models on their way to where they are used: container images, folders, stores. docs/deploying.md tells it all."""
