"""Models of large libraries, which both sides make in the same way. Runs beside a real MLflow, too."""

import tempfile
from pathlib import Path

import numpy as np

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "day"]


def rows():
    return np.arange(12, dtype="float32").reshape(4, 3)


def texts():
    return ["good day", "bad day"]


def module():
    import torch

    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2)).eval()


def network():
    import keras

    return keras.Sequential([keras.Input([3]), keras.layers.Dense(4, "relu"), keras.layers.Dense(2)])


def classifier():
    """A tiny BERT of random weights: nothing is downloaded."""
    import transformers

    vocabulary = Path(tempfile.mkdtemp()) / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS))
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = transformers.BertForSequenceClassification(transformers.BertConfig(vocab_size=len(WORDS), **sizes))
    tokenizer = transformers.BertTokenizer(str(vocabulary))
    return transformers.pipeline("text-classification", model=model.eval(), tokenizer=tokenizer)


def models():
    """Name → (flavor, maker, maker of data, options of saving)."""
    return {
        "torch": ("pytorch", module, rows, {"serialization_format": "pickle"}),
        "torch_graph": ("pytorch", module, rows, {"serialization_format": "pt2"}),
        "keras": ("keras", network, rows, {}),
        "transformers": ("transformers", classifier, texts, {}),
    }
