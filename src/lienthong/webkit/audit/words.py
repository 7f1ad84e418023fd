"""What the entries of the audit log say, in words: each part of the product adds those of its own actions."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.base.errors import Language

Words = Mapping[str, tuple[str, str]]
"""Vietnamese and English for each action."""

_WORDS: dict[str, tuple[str, str]] = {}


def add_words(words: Words) -> None:
    """Let the log's page say these actions in words. A programming fault when one has other words already."""
    for action, pair in words.items():
        if _WORDS.setdefault(action, pair) != pair:
            raise ValueError(f"two words for {action}")


def said(action: str, language: Language) -> str:
    """What an action is called; empty for one that no part of this release does any more."""
    pair = _WORDS.get(action)
    return pair[language == "en"] if pair else ""


add_words({
    "audit.checked": ("kiểm tra nhật ký", "verified the log"),
    "audit.read": ("xem nhật ký", "read the log"),
    "person.added": ("thêm người dùng", "added a person"),
    "person.changed": ("sửa người dùng", "changed a person"),
    "person.disabled": ("khóa tài khoản", "disabled an account"),
    "person.enabled": ("mở lại tài khoản", "enabled an account"),
    "person.factor_reset": ("đặt lại xác thực", "reset the factors"),
    "person.password_given": ("cấp mật khẩu", "gave a password"),
    "person.subject_linked": ("nối tài khoản đăng nhập một lần", "linked the single sign-on account"),
    "person.subject_unlinked": ("bỏ nối đăng nhập một lần", "unlinked the single sign-on account"),
    "right.ended": ("kết thúc chức vụ", "ended a position"),
    "right.given": ("giao chức vụ", "gave a position"),
    "right.lent": ("ủy quyền", "delegated"),
    "right.lent_back": ("kết thúc ủy quyền", "ended a delegation"),
    "signin.done": ("đăng nhập", "signed in"),
    "signin.new_device": ("đăng nhập từ máy mới", "signed in from a new device"),
    "signin.out": ("đăng xuất", "signed out"),
    "signin.passkey_added": ("thêm khóa truy cập", "added a passkey"),
    "signin.passkey_refused": ("khóa truy cập bị từ chối", "a passkey was refused"),
    "signin.passkey_removed": ("xóa khóa truy cập", "removed a passkey"),
    "signin.passkey_renamed": ("đổi tên khóa truy cập", "renamed a passkey"),
    "signin.password": ("nhập đúng mật khẩu", "gave the right password"),
    "signin.password_changed": ("đổi mật khẩu", "changed the password"),
    "signin.second_factor_set": ("đặt xác thực lớp hai", "set the second factor"),
    "signin.sessions_ended": ("kết thúc các phiên", "ended sessions"),
    "token.made": ("cấp mã cho phần mềm", "made a token for a program"),
    "token.revoked": ("thu hồi mã của phần mềm", "revoked a program's token"),
    "unit.added": ("thêm đơn vị", "added a unit"),
    "unit.ended": ("kết thúc đơn vị", "ended a unit"),
    "unit.renamed": ("đổi tên đơn vị", "renamed a unit"),
})  # fmt: skip
