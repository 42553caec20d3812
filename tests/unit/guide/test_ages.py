"""What a family says about the age of the person inside."""

import pytest

from helpline.guide.ages import is_under_18


@pytest.mark.parametrize(
    "text",
    [
        "my son is 16 and hes in wetherby",
        "hes only 15",
        "he\u2019s 17, who do i speak to",
        "my 17 year old needs his inhaler",
        "my 16yo is in werrington",
        "she is just sixteen",
        "My grandson, who's a 15-year-old, has been moved",
    ],
)
def test_a_child_in_custody(text: str) -> None:
    """Said plainly, in figures or words."""
    assert is_under_18(text) is True


@pytest.mark.parametrize("text", ["hes 19", "my son is 34", "my 22 year old brother", "he is 18"])
def test_an_adult(text: str) -> None:
    """18 is an adult."""
    assert is_under_18(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "how does he see a doctor",
        "hes 16 weeks into his sentence",
        "he is 16 stone now",
        "he has been there 17 days",
        "hes 15 mins from the prison",
        "he got 16 years inside",
        "he has 17 months left",
        "my 9 year old misses his dad",
        "im 16 year old and my dad is in prison",
        "they gave him 15 mg",
        "he is 16th on the list",
    ],
)
def test_nothing_about_age(text: str) -> None:
    """Sentences, weights, the caller's own age and small children at home are something else."""
    assert is_under_18(text) is None
