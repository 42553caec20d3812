"""The second look for danger as a step of Rasa's pipeline. It may raise a concern, never lower one.

It learns from data/safety, and from messages to the guide as examples of harmless ones. It puts out
the key `danger`: the chance that the message holds a concern, the likeliest kind, the severity, and
a verdict: `raise` (a person is brought), `ask` (doubtful: the check question) or `none`.
"""

import logging
import os
from dataclasses import fields
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.server import dangers, minilm, vectors
from bot.server.concern_model import ConcernModel, ConcernRecipe, Judgement
from bot.server.dangers import Danger
from bot.server.encoder import CACHE_VARIABLE, READABLE, SentenceEncoder
from bot.server.passages import passages
from bot.server.spelling import tidy

logger = logging.getLogger(__name__)

DANGER = "danger"
BRIEF = 6  # words; fewer are mostly "and if they refuse?", which mean nothing by themselves
METADATA = "metadata"
EARLIER = "earlier"  # what the family wrote just before, sent along and not kept


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ConcernClassifier(GraphComponent, IntentClassifier):
    """Says how likely a message holds a concern; config.yml gives the recipe and thresholds."""

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
        return {}

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:  # noqa: ARG003
        """Return what the model depends on besides Rasa's own training data."""
        return dangers.fingerprint()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's own signature
    ) -> "ConcernClassifier":
        """Create the untrained step."""
        return cls(config, model_storage, resource)

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[ConcernModel] = None,
    ) -> None:
        recipe = {field.name: float(config[field.name]) for field in fields(ConcernRecipe)}
        self._model = model or ConcernModel(ConcernRecipe(**recipe))
        self._raise, self._ask = float(config["raise"]), float(config["ask"])
        self._raise_passage = float(config["raise_passage"])
        self._raise_brief, self._ask_brief = (
            float(config["raise_brief"]),
            float(config["ask_brief"]),
        )
        self._immediate = float(config["immediate"])
        self._harmless = int(config["harmless"])
        self._may_be_danger = set(config["may_be_danger"])
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model on data/safety and a share of the messages to the guide, and store it."""
        logger.info("Starting to train component 'ConcernClassifier'.")
        found = dangers.read_dangers()
        texts = [tidy(danger.text) for danger in found]
        cache = os.environ.get(CACHE_VARIABLE)
        folder = Path(cache) / "safety" if cache else None
        rows = vectors.cached(texts, minilm.shared().encode, folder)
        plain = self._harmless_messages(training_data)
        found += [Danger(text, (), "none", "guide", f"guide-{text}") for text in plain]
        self._model.fit(found, [*texts, *plain], np.vstack([rows, *plain.values()]))
        with self._model_storage.write_to(self._resource) as target:
            self._model.save(target)
        return self._resource

    def _harmless_messages(self, training_data: TrainingData) -> Dict[Text, np.ndarray]:
        """Return a share of the messages to the guide, evenly chosen, with their vectors.

        Some topics are asked about by families in trouble; a concern among their messages must not
        teach that it is none, so config.yml leaves those topics out.
        """
        known = {
            message.get(READABLE).texts[0]: message.get(READABLE).vectors[0]
            for message in training_data.intent_examples
            if message.get(READABLE) is not None and message.get(INTENT) not in self._may_be_danger
        }
        texts = sorted(known)[:: max(1, len(known) // self._harmless)]
        return {text: known[text] for text in texts}

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's own signature
        **_: Any,  # noqa: ANN401
    ) -> "ConcernClassifier":
        """Load the trained step; a model without it is refused."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, ConcernModel.load(folder))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as they are: no later step learns from our answers."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the key `danger` of each message."""
        for message in messages:
            readable = message.get(READABLE)
            text, whole = readable.texts[0], readable.vectors[:1]
            earlier = tidy(str((message.get(METADATA) or {}).get(EARLIER) or ""))
            message.set(DANGER, self._look(text, whole, earlier), add_to_output=True)
        return messages

    def _look(self, text: Text, whole: np.ndarray, earlier: Text) -> Dict[Text, Any]:
        """Judge a message as a whole, by its passages, and with the one before it.

        The further readings cost time, so each is made only where those before raised nothing.
        """
        found = self._model.judge([text], whole)[0]
        brief = len(text.split()) < BRIEF
        if found.danger >= (self._raise_brief if brief else self._raise):
            return self._says("raise", found)
        part = self._gravest_passage(text)
        if part is not None and part.danger >= self._raise_passage:
            return self._says("raise", part)
        both = self._together(earlier, text, found)
        if both is not None and both.danger >= self._raise:
            return self._says("raise", both)
        asks = found.danger >= (self._ask_brief if brief else self._ask)
        return self._says("ask" if asks else "none", found)

    def _gravest_passage(self, text: Text) -> Optional[Judgement]:
        parts = passages(text)
        if not parts:
            return None
        judged = self._model.judge(parts, minilm.shared().encode(parts))
        return max(judged, key=lambda found: (found.danger, found.immediate))

    def _together(self, earlier: Text, text: Text, alone: Judgement) -> Optional[Judgement]:
        """Judge two messages as one: "his canteen is friday" after "they want money off him".

        Only what the new message adds counts; the earlier one was judged when it came.
        """
        if not earlier or not text:
            return None
        both = f"{earlier}. {text}"
        before, after = self._model.judge([earlier, both], minilm.shared().encode([earlier, both]))
        adds = before.danger < self._raise and after.danger > max(before.danger, alone.danger)
        return after if adds else None

    def _says(self, verdict: Text, found: Judgement) -> Dict[Text, Any]:
        immediate = found.immediate >= self._immediate
        return {
            "verdict": verdict,
            "chance": round(found.danger, 4),
            "kind": found.kind,
            "severity": "immediate" if immediate else "urgent",
        }
