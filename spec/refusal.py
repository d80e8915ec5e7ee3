"""How a rule says no: the argument or input at fault, without knowing where it is written."""

from __future__ import annotations


class Refusal(Exception):
    """A call that torch would refuse, or that can't be proved to work for all sizes.

    code: kebab-case, as in `Diagnostic`.
    argument: the name of the argument or input at fault, None for the call as a whole.
    other: the name of a second argument or input that is the other half of the conflict.
    help: what to try.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid-value",
        argument: str | None = None,
        other: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.argument = argument
        self.other = other
        self.help = help

    def renamed(self, **names: str) -> Refusal:
        """The same refusal, said of a layer's arguments instead of a function's."""
        argument = names.get(self.argument or "", self.argument)
        other = names.get(self.other or "", self.other)
        return Refusal(self.message, code=self.code, argument=argument, other=other, help=self.help)

    def retold(self, **names: str) -> Refusal:
        """The same refusal in the words of a layer around: the message says its names, too."""
        import re

        words = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")

        def said(text: str) -> str:
            return words.sub(lambda found: names[found[0]], text)

        told = self.renamed(**names)
        help = said(self.help) if self.help else None
        return Refusal(
            said(self.message), code=told.code, argument=told.argument, other=told.other, help=help
        )
