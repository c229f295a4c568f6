"""Which classes fit the subject of a sentence: what people write, and silence about the unknown."""

import pytest

from fiftyone_e3m.sentences.classes import class_fits

COCO = ["person", "dog", "bird", "car", "truck", "train", "bicycle", "cow", "mouse", "hot dog"]


def fitting(sentence, classes=COCO):
    fits = class_fits(sentence, classes)
    return None if fits is None else {c for c, fit in zip(classes, fits, strict=True) if fit == 1}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("A woman in a pink top walking past parked cars", {"person"}),
        ("a cyclist enters from the right", {"person"}),
        ("Who is next to the dog?", {"person"}),
        ("which car turns left?", {"car"}),
        ("two puppies play", {"dog"}),
        ("a black feathered swan", {"bird"}),
        ("a white van parked in front of the building", {"car", "truck"}),
        ("a white cable car comes slowly", {"train"}),
        ("an open black car with a number plate", {"car"}),
        ("a yellow and black bicycle in the snow", {"bicycle"}),
        ("a boy riding a bicycle", {"person"}),
        ("the man's dog barks", {"dog"}),
        ("she waves", {"person"}),
    ],
)
def test_classes_of_what_people_write(sentence, expected):
    assert fitting(sentence) == expected


@pytest.mark.parametrize(
    "sentence", ["a brown coin", "what is the hand holding?", "something falls", "", "?!", "in red"]
)
def test_nothing_is_known_of_other_subjects(sentence):
    assert class_fits(sentence, COCO) is None


def test_a_subject_without_boxes_of_its_class_fits_nothing():
    assert fitting("a zebra grazes") == set()


def test_an_animal_without_a_class_fits_all_animals_by_half():
    fits = dict(zip(COCO, class_fits("an opossum on a snowboard", COCO), strict=True))
    assert {name for name, fit in fits.items() if fit == 0.5} == {"dog", "bird", "cow"}
    assert {name for name, fit in fits.items() if fit not in (0, 0.5)} == set()


def test_classes_of_other_detectors_fit_by_their_own_name():
    assert class_fits("a Forklift drives by", ["forklift", "person", ""]) == [1, 0, 0]
    assert class_fits("a fire truck drives by", ["fire truck", "truck"]) == [1, 0]


def test_classes_may_be_written_in_capitals():
    assert class_fits("a man walks", ["Person", "DOG"]) == [1, 0]


@pytest.mark.parametrize(
    ("sentence", "classes", "expected"),
    [
        ("an orange cat walks", ["cat", "orange"], [1, 0]),
        ("an orange car", ["car", "orange", "person"], [1, 0, 0]),
        ("an orange", ["orange", "person"], [1, 0]),
        ("a pizza delivery man", ["pizza", "person"], [0, 1]),
        ("a forklift driver waves", ["forklift", "person"], [0, 1]),
        ("two forklifts", ["forklift", "person"], [1, 0]),
        ("a man's tie", ["tie", "person"], [1, 0]),
        ("a fire hydrant", ["fire_hydrant", "car"], [1, 0]),
        ("whose dog runs?", ["dog", "person"], [1, 0]),
        ("who's running?", ["dog", "person"], [0, 1]),
        ("A Man Walks A Dog.", ["dog", "person"], [0, 1]),
    ],
)
def test_what_a_noun_phrase_is_about(sentence, classes, expected):
    assert class_fits(sentence, classes) == expected


@pytest.mark.parametrize(
    ("sentence", "classes"),
    [
        ("a dog trainer", ["dog", "person"]),
        ("a car mechanic", ["car", "person"]),
        ("a man walks", ["object", "object"]),
        ("a man walks", ["0"]),
        ("a man walks", ["face", "hand"]),
        ("a man walks", [""]),
        ("", ["person"]),
    ],
)
def test_what_is_not_known_is_not_guessed(sentence, classes):
    assert class_fits(sentence, classes) is None
