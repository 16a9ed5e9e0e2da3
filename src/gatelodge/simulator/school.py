"""The people and the courses of the simulated LMS. Their ids are small numbers, as Moodle's are."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatelodge.lti.vocabulary import CONTEXT_ROLE, CONTEXT_SUB_ROLE

INSTRUCTOR = CONTEXT_ROLE + "Instructor"
LEARNER = CONTEXT_ROLE + "Learner"
TEACHING_ASSISTANT = CONTEXT_SUB_ROLE + "Instructor#TeachingAssistant"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account. ``shares_details`` is their own choice in their profile."""

    id: str
    given_name: str
    family_name: str
    about: str
    shares_details: bool = True

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        return self.given_name[0] + self.family_name[0]

    @property
    def email(self) -> str:
        return f"{self.given_name}.{self.family_name}@northfield.example".lower()


@dataclass(frozen=True, slots=True)
class Link:
    """A resource link: one place in a course from which a tool opens."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Course:
    id: str
    slug: str
    label: str
    title: str
    description: str
    roles: Mapping[str, tuple[str, ...]]
    links: tuple[Link, ...]

    def link(self, link_id: str) -> Link | None:
        return next((link for link in self.links if link.id == link_id), None)

    def is_taught_by(self, person: Person) -> bool:
        return INSTRUCTOR in self.roles[person.id]

    def role_of(self, person: Person) -> str:
        return "Teacher" if self.is_taught_by(person) else "Student"

    @property
    def learners(self) -> list[Person]:
        return [person for person in PEOPLE if LEARNER in self.roles[person.id]]


THEO = Person("2", "Theo", "Marlowe", "Teaches Biology 101 and World History 204.")
MIA = Person("3", "Mia", "Learner", "Studies Biology 101 and World History 204.")
SAM = Person(
    "4",
    "Sam",
    "Quist",
    "A student who shares neither name nor e-mail with tools.",
    shares_details=False,
)
AIKO = Person("5", "Aiko", "Tanaka", "Studies Biology 101, assists in World History 204.")

PEOPLE = (MIA, THEO, SAM, AIKO)

BIOLOGY = Course(
    "2",
    "biology-101",
    "BIO101",
    "Biology 101",
    "Cells, genes and the living world. Autumn term, Tuesdays and Thursdays.",
    {
        THEO.id: (INSTRUCTOR,),
        MIA.id: (LEARNER,),
        SAM.id: (LEARNER,),
        AIKO.id: (LEARNER,),
    },
    (
        Link("11", "Cell division warm-up", "Ten minutes on mitosis before Tuesday's class."),
        Link("12", "Leaf lab notebook", "Measure, draw and describe what you saw in the lab."),
        Link("13", "Peer review: pond life", "Read two reports and say what you'd keep."),
    ),
)
HISTORY = Course(
    "4",
    "world-history-204",
    "HIST204",
    "World History 204",
    "Trade, travel and ideas from the Silk Road to the steam ship.",
    {
        THEO.id: (INSTRUCTOR,),
        MIA.id: (LEARNER,),
        SAM.id: (LEARNER,),
        AIKO.id: (INSTRUCTOR, TEACHING_ASSISTANT),
    },
    (
        Link("21", "Map of the Silk Road", "Place twelve cities, then compare with a friend."),
        Link("22", "Letters from Lisbon, 1755", "Four letters to read, one to write."),
    ),
)

COURSES = (BIOLOGY, HISTORY)


def person_by_id(person_id: str | None) -> Person | None:
    return next((person for person in PEOPLE if person.id == person_id), None)


def course_by_slug(slug: str) -> Course | None:
    return next((course for course in COURSES if course.slug == slug), None)


def find_link(link_id: str) -> tuple[Course, Link] | None:
    return next(
        ((course, link) for course in COURSES if (link := course.link(link_id)) is not None), None
    )
