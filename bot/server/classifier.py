"""The topic classifier as a step of Rasa's pipeline: ranks the topics and decides on a verdict.

It puts out, beside Rasa's `intent` and `intent_ranking`, the key `reading` (bot/server/verdict.py).
When nothing is clear enough to answer, the intent is `nlu_fallback`.
"""

from dataclasses import asdict, fields
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.server.encoder import READABLE, SentenceEncoder
from bot.server.model import Recipe, TopicModel, ranked
from bot.server.verdict import NOTHING_KNOWN, Thresholds, decide

READING = "reading"
RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Ranks topics by a calibrated chance; config.yml gives the recipe and the thresholds."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return the step that must come before."""
        return [SentenceEncoder]

    @staticmethod
    def required_packages() -> List[Text]:
        """Return the packages this step needs."""
        return ["sklearn", "scipy"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return no defaults for the numbers: they stand in config.yml, and only there."""
        return {"leave_out": []}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's own signature
    ) -> "TopicClassifier":
        """Create the untrained step."""
        return cls(config, model_storage, resource)

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[TopicModel] = None,
    ) -> None:
        self._leave_out = set(config["leave_out"])
        self._thresholds = Thresholds(**_values(config, Thresholds))
        self._model = model or TopicModel(Recipe(**_values(config, Recipe)))
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model on every intent example that is not left out, and store it."""
        examples = {
            (message.get(READABLE).texts[0], message.get(INTENT)): message.get(READABLE).vectors[0]
            for message in training_data.intent_examples
            if message.get(TEXT) and message.get(INTENT) not in self._leave_out
        }
        texts, topics = zip(*examples, strict=True)
        self._model.fit(texts, np.stack(list(examples.values())), topics)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's own signature
        **_: Any,  # noqa: ANN401
    ) -> "TopicClassifier":
        """Load the trained step; a model without it is refused."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, TopicModel.load(folder))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as they are: no later step learns from our answers."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the intent, the ranking and the reading of each message."""
        for message in messages:
            readable = message.get(READABLE)
            chances = self._model.probabilities(readable.texts, readable.vectors)
            whole, *halves = (ranked(self._model.topics, row) for row in chances)
            cuts = list(zip(halves[::2], halves[1::2], strict=True))
            known = self._model.knows(readable.texts[0])
            reading = decide(whole, cuts, self._thresholds) if known else NOTHING_KNOWN
            name = reading.topics[0] if reading.topics else DEFAULT_NLU_FALLBACK_INTENT_NAME
            chance = dict(whole).get(name, whole[0][1])
            message.set(INTENT, {"name": name, "confidence": chance}, add_to_output=True)
            message.set(
                INTENT_RANKING_KEY,
                [{"name": topic, "confidence": p} for topic, p in whole[:RANKING_LENGTH]],
                add_to_output=True,
            )
            told = {**asdict(reading), "corrects": readable.corrects}
            message.set(READING, told, add_to_output=True)
        return messages


def _values(config: Dict[Text, Any], into: Type) -> Dict[Text, float]:
    return {field.name: float(config[field.name]) for field in fields(into)}
