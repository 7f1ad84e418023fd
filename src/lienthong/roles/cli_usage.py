"""A command line that is typed wrongly is answered in the user's language, like every other refusal.

The command library speaks English only; its sentences are few, so each is known here by its form. One that is not
known is shown as it is, after a Vietnamese beginning.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup
from typer.exceptions import TyperException

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


class Commands(TyperGroup):
    """The commands of ``lienthong``. Wrong use ends with exit code 2 and one sentence."""

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
            _explain(error)
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


def _explain(error: TyperException) -> None:
    sentence = error.format_message()
    if type(error).__name__ == _NO_ARGUMENTS:
        # The help has been shown instead.
        console().print(sentence, markup=False, end="")
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "lienthong"
    console().print("✗ " + say(vietnamese(sentence), sentence), style="red", markup=False)
    help_line = say(f"→ Xem cách dùng: {command} --help", f"→ How to use it: {command} --help")
    console().print(help_line, markup=False)
