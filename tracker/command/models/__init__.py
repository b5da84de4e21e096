"""`tracker models`: score with models, serve them, and bring them elsewhere."""

import click

from tracker.command.models.containers import build_docker, generate_dockerfile
from tracker.command.models.environment import prepare_env
from tracker.command.models.export_onnx import export_onnx
from tracker.command.models.predict import predict
from tracker.command.models.push import push
from tracker.command.models.serve import serve


@click.group()
def models() -> None:
    """Models: folders as MLflow has them."""


for command in (predict, serve, push, export_onnx, prepare_env, generate_dockerfile, build_docker):
    models.add_command(command)
