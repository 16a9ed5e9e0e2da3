"""A resolver whose answers a test writes down."""

from collections.abc import Sequence


class Names:
    """Each look-up takes the next answer for the name; the last one is kept."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {host.replace("_", "."): list(each) for host, each in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, /) -> Sequence[str]:
        self.asked.append(host)
        answers = self._answers.get(host)
        if not answers:
            raise OSError("Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]
