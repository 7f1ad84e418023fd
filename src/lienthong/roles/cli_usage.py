"""A command line that is typed wrongly is answered in the user's language, like every other refusal.

The command library speaks English only; its sentences are few, so each is known here by its form. One that is not
known is shown as it is, after a Vietnamese beginning.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

from lienthong.base.errors import Retry
from lienthong.roles.cli_output import console, say

_FORMS = (
    (r"Missing option '(.+?)'.*", "Thiếu tùy chọn {0}."),
    (r"Missing (?:argument|parameter) '?(.+?)'?\.", "Thiếu tham số {0}."),
    (r"No such option: (\S+) Did you mean (.+)\?", "Không có tùy chọn {0}; có phải {1}?"),
    (r"No such option: (\S+).*", "Không có tùy chọn {0}."),
    (r"No such command '(.+?)'\. Did you mean (.+)\?", "Không có lệnh {0}; có phải {1}?"),
    (r"No such command '(.+?)'.*", "Không có lệnh {0}."),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.+)\)", "Thừa tham số: {0}."),
    (r"Option '(.+?)' requires .*", "Tùy chọn {0} cần có giá trị."),
    (r"Option '(.+?)' does not take a value\.", "Tùy chọn {0} không nhận giá trị."),
    (r"Invalid value for '(.+?)': file '(.+)' does not exist\.", "Không có tệp {1} (tham số {0})."),
    (r"Invalid value for '(.+?)': (.+)", "Giá trị của {0} không dùng được: {1}"),
)
_NO_ARGUMENTS = "NoArgsIsHelpError"


@dataclass(frozen=True, slots=True)
class Place:
    """Where commands come from. ``make``: loads their module; ``verb``: the one of them that is meant, None for all."""

    make: Callable[[], typer.Typer]
    verb: str | None

    def load(self, name: str) -> Any:
        """The command, under the name that it has here."""
        group = get_group(self.make())
        found = group if self.verb is None else group.commands[self.verb]
        found.name = name
        return found


class Commands(TyperGroup):
    """The commands of ``lienthong``. Wrong use ends with exit code 2 and one sentence.

    ``places``: commands that are loaded when they are asked for, in the order of the help, behind those present.
    """

    places: ClassVar[Mapping[str, Place]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        return [*(name for name in super().list_commands(ctx) if name not in self.places), *self.places]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in self.places and cmd_name not in self.commands:
            self.commands[cmd_name] = self.places[cmd_name].load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.places and args[0] not in self.commands:
            # So that what was meant can be suggested.
            for name in self.places:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **more: Any,
    ) -> Any:
        try:
            result = super().main(args, prog_name, complete_var, False, windows_expand_args, **more)
        except TyperException as error:
            if not standalone_mode:
                raise
            _explain(error, "--json" in (sys.argv[1:] if args is None else args))
            sys.exit(error.exit_code)
        if standalone_mode:
            sys.exit(result if isinstance(result, int) else 0)
        return result


def vietnamese(sentence: str) -> str:
    """The library's sentence in Vietnamese."""
    for form, vi in _FORMS:
        if found := re.fullmatch(form, sentence, re.DOTALL):
            return vi.format(*found.groups())
    return f"Dùng lệnh chưa đúng: {sentence}"


def _explain(error: TyperException, as_json: bool) -> None:
    sentence = error.format_message()
    if type(error).__name__ == _NO_ARGUMENTS:
        # The help has been shown instead.
        console().print(sentence, markup=False, end="")
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "lienthong"
    help_vi, help_en = f"Xem cách dùng: {command} --help", f"How to use it: {command} --help"
    if as_json:
        members: dict[str, Any] = {"code": "USAGE", "title_vi": vietnamese(sentence), "title_en": sentence}
        members |= {"advice_vi": help_vi, "advice_en": help_en, "retry": Retry.PERMANENT.value, "problems": []}
        sys.stdout.write(json.dumps({"error": members}, ensure_ascii=False, indent=2) + "\n")
        return
    console().print("✗ " + say(vietnamese(sentence), sentence), style="red", markup=False)
    console().print("→ " + say(help_vi, help_en), markup=False)
