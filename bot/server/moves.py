"""Recognises the short replies that mean something only after a question: yes, no, something else.

They are matched as whole messages and never by likeness: "yes" is a reply, "yes but he has still
not had his tablets" is a message for the classifier. Comes last in the pipeline and overrides it.
"""

import json
from typing import Any, Dict, List, Optional, Text, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.server.sayings import loose

_FILE = "moves.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DialogueMoves(GraphComponent, IntentClassifier):
    """Matches messages against the examples of the intents named in `intents`."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return nothing: this step reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults: no intents."""
        return {"intents": []}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's own signature
    ) -> "DialogueMoves":
        """Create the untrained step."""
        return cls(config, model_storage, resource)

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        moves: Optional[Dict[Text, Text]] = None,
    ) -> None:
        self._intents = set(config["intents"])
        self._moves = moves or {}
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        """Store what each move may be said as."""
        said = {
            loose(message.get(TEXT)): message.get(INTENT)
            for message in training_data.intent_examples
            if message.get(INTENT) in self._intents
        }
        with self._model_storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(said, sort_keys=True), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's own signature
        **_: Any,  # noqa: ANN401
    ) -> "DialogueMoves":
        """Load the trained step; a model without it is refused."""
        with model_storage.read_from(resource) as folder:
            moves = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, moves)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as they are."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the intent of a message that is nothing but a move."""
        for message in messages:
            move = self._moves.get(loose(message.get(TEXT) or ""))
            if move:
                message.set(INTENT, {"name": move, "confidence": 1.0}, add_to_output=True)
        return messages
