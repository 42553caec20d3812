"""Adds the guide's topics to Rasa's training data, so that a topic is declared in one place.

Each file in guide_content/topics/ becomes an intent; its title and the staff's questions become
examples beside data/nlu/; and unless domain.yml already names the intent (its rule is then written
by hand) it gets the rule `intent -> action_answer`.
"""

from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Union

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.server.topics import Topic, check, examples, read_messages, read_topics

ACTION = "action_answer"


class GuideImporter(TrainingDataImporter):
    """Reads the guide beside config.yml. Raises TrainingDataError when data do not fit together."""

    def __init__(
        self,
        config_file: Optional[Text] = None,
        domain_path: Optional[Text] = None,
        training_data_paths: Optional[Union[List[Text], Text]] = None,  # noqa: ARG002 - Rasa's own
        topics: Text = "guide_content/topics",
        messages: Text = "data/nlu",
        **_: Any,  # noqa: ANN401 - Rasa hands over whatever the command line had
    ) -> None:
        root = Path(config_file or "config.yml").absolute().parent
        domain = yaml.safe_load(Path(domain_path or root / "domain.yml").read_text("utf-8"))
        self._by_hand = set(domain["intents"])
        self._messages = read_messages(root / messages)
        self.topics = read_topics(root / topics)
        declared = {topic.id for topic in self.topics}
        check(self.topics, self._messages, sorted(self._by_hand - declared))

    def get_domain(self) -> Domain:
        """Return a domain with an intent for each topic that domain.yml does not name."""
        return Domain.from_dict({"intents": [topic.id for topic in self._ordinary()]})

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:  # noqa: ARG002
        """Return one rule for each topic that domain.yml does not name."""
        rules = [_rule(topic) for topic in self._ordinary()]
        steps = YAMLStoryReader().read_from_parsed_yaml({"version": "3.1", "rules": rules})
        return StoryGraph(steps)

    def get_conversation_tests(self) -> StoryGraph:
        """Return nothing: whole conversations are tested against the running server."""
        return StoryGraph([])

    def get_config(self) -> Dict:
        """Return nothing: config.yml comes from RasaFileImporter."""
        return {}

    def get_config_file_for_auto_config(self) -> Optional[Text]:
        """Return None: config.yml is complete."""
        return None

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:  # noqa: ARG002
        """Return the titles and the staff's questions that data/nlu/ does not hold already."""
        own = [
            Message.build(text=text, intent=intent)
            for intent, texts in examples(self.topics, self._messages).items()
            for text in texts[len(self._messages.get(intent, [])) :]
        ]
        return TrainingData(own)

    def _ordinary(self) -> List[Topic]:
        return [topic for topic in self.topics if topic.id not in self._by_hand]

    def get_examples(self) -> Dict[Text, List[Text]]:
        """Return every intent's training messages."""
        return examples(self.topics, self._messages)


def _rule(topic: Topic) -> Dict[Text, Any]:
    return {
        "rule": f"{topic.id}: give its answer",
        "steps": [{"intent": topic.id}, {"action": ACTION}],
    }
