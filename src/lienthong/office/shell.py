"""What stands around every page of the office: navigation with counts, the bell, the person's own menu."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from django.http import HttpRequest
from django.middleware.csrf import get_token

from lienthong.office.models import Arrival, Document, Notice, Task
from lienthong.office.services import working
from lienthong.office.states import TO_DO, ArrivalState, Outgoing, TaskKind
from lienthong.webkit.door.access import opens
from lienthong.webkit.door.pages import address, is_route
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import MenuItem, NavGroup, NavItem, Person, Shell, Tongue
from lienthong.webkit.site.duties import CLERICAL, Duty

WORDS = {
    "Việc của tôi": "My work", "Thông báo": "Notices", "Văn bản đến": "Incoming", "Chờ tiếp nhận": "To be received",
    "Sổ văn bản đến": "Incoming register",
    "Văn bản đi": "Outgoing", "Dự thảo": "Drafts", "Chờ cấp số": "To be numbered", "Chờ ký": "To be signed",
    "Sổ văn bản đi": "Outgoing register", "Theo dõi gửi": "Receipts board", "Hồ sơ": "Dossiers",
    "Hồ sơ công việc": "Work files",
    "Danh mục hồ sơ": "File plan", "Theo dõi": "Follow-up", "Việc đã giao": "Given by me", "Tìm kiếm": "Search",
    "Báo cáo": "Reports", "Quản trị": "Administration", "Người dùng": "People", "Sổ đăng ký": "Registers",
    "Nhật ký": "Audit log", "Đổi mật khẩu": "Change password", "Cá nhân": "My settings",
    "Lịch hạn xử lý": "Calendar of deadlines", "Câu mẫu": "Quick phrases", "Đăng xuất": "Sign out",
    "Đơn vị": "Units",
    "Báo tin cho phần mềm": "Webhooks", "Nhập dữ liệu cũ": "Import of old data",
    "Cài đặt": "Settings", "Chứng thư số thiết bị": "Device certificates",
    "Văn phòng liên thông": "Lienthong Office",
}  # fmt: skip
"""The few words of the frame; pages have their own catalogue."""

MARK = 32
"""Pixels of the picture in the browser's tab; it is drawn in lines, so that any size is good."""


def shell(visit: Visit, request: HttpRequest) -> Shell:
    """The frame for this person; a group appears only with the pages that he may open."""

    def say(word: str) -> str:
        return WORDS[word] if visit.language == "en" else word

    other = "en" if visit.language == "vi" else "vi"
    here = request.path if opens(request) else "/"
    languages = [Tongue(other.upper(), other, address("language"), here)]
    if visit.person is None or visit.person.unfinished:
        named, mark = visit.person.agency.name if visit.person else "", address("mark", size=MARK)
        return Shell(say("Văn phòng liên thông"), named, word=get_token(request), languages=languages, mark=mark)
    person = visit.who
    return Shell(
        product=say("Văn phòng liên thông"),
        agency=visit.agency.name,
        groups=[
            NavGroup(say(label) if label else "", [_item(request, say, each) for each in items if is_route(each[1])])
            for label, items in _groups(visit)
            if any(is_route(each[1]) for each in items)
        ],
        person=Person(
            person.account.full_name,
            person.position(),
            [
                MenuItem(say("Cá nhân"), address("mine"), "settings"),
                MenuItem(say("Lịch hạn xử lý"), address("calendar"), "calendar"),
                *(
                    [MenuItem(say("Câu mẫu"), address("phrases"), "phrases")]
                    if person.may(*CLERICAL, Duty.ADMINISTRATOR)
                    else []
                ),
                MenuItem(say("Đổi mật khẩu"), address("new_password"), "key"),
                MenuItem(say("Đăng xuất"), address("sign_out"), "logout", post=True),
            ],
        ),
        search_href=address("search") if person.may(*CLERICAL) and is_route("search") else "",
        search_value=request.GET.get("q", ""),
        bell_href=address("notices"),
        bell_count=Notice.objects.filter(account=person.account, read_at__isnull=True)[:100].count(),
        word=get_token(request),
        keys=bool(person.account.preferences.get("keys", True)),
        languages=languages,
        manifest=address("manifest"),
        worker=address("worker"),
        mark=address("mark", size=MARK),
    )


Item = tuple[str, str, str, int, int, str, bool]
"""Word, route, icon, count, late, letter after ``g``, on the phone's bar."""


def _item(request: HttpRequest, say: object, item: Item) -> NavItem:
    word, name, icon, count, late, goto, phone = item
    href = address(name)
    label = say(word) if callable(say) else word
    return NavItem(label, href, icon, count, late, request.path == href, goto, phone)


def _groups(visit: Visit) -> Iterable[tuple[str, list[Item]]]:
    person = visit.who
    clerical = person.may(*CLERICAL)
    mine = counts(visit)
    if clerical:
        yield "", [("Việc của tôi", "home", "tasks", mine["todo"], mine["late"], "h", True)]
        registrar = person.may(Duty.REGISTRAR)
        signs = mine["signing"] > 0 or person.may(Duty.LEADER)
        yield (
            "Văn bản đến",
            [
                *([("Chờ tiếp nhận", "arrivals", "inbox", mine["arrivals"], 0, "a", True)] if registrar else []),
                ("Sổ văn bản đến", "incoming", "book", 0, 0, "i", True),
            ],
        )
        yield (
            "Văn bản đi",
            [
                ("Dự thảo", "drafts", "edit", mine["drafts"], 0, "o", False),
                *([("Chờ ký", "signing", "sign", mine["signing"], 0, "y", False)] if signs else []),
                *([("Chờ cấp số", "numbering", "stamp", mine["numbering"], 0, "n", False)] if registrar else []),
                ("Sổ văn bản đi", "outgoing", "register", 0, 0, "s", not registrar),
                ("Theo dõi gửi", "receipts", "send", 0, 0, "r", False),
            ],
        )
        yield (
            "Hồ sơ",
            [
                ("Hồ sơ công việc", "dossiers", "folder", 0, 0, "d", False),
                ("Danh mục hồ sơ", "file_plan", "list", 0, 0, "p", False),
            ],
        )
        yield (
            "Theo dõi",
            [
                ("Việc đã giao", "given", "forward", 0, 0, "g", False),
                ("Tìm kiếm", "search", "search", 0, 0, "f", False),
                ("Báo cáo", "reports", "chart", 0, 0, "c", False),
            ],
        )
    if person.may(Duty.ADMINISTRATOR, Duty.AUDITOR, Duty.REGISTRAR):
        admin, auditor = person.may(Duty.ADMINISTRATOR), person.may(Duty.AUDITOR)
        yield (
            "Quản trị",
            [
                *(
                    [
                        ("Người dùng", "people", "users", 0, 0, "u", not clerical),
                        ("Đơn vị", "units", "units", 0, 0, "", not clerical),
                        ("Cài đặt", "settings", "settings", 0, 0, "", False),
                        ("Chứng thư số thiết bị", "device_certificates", "key", 0, 0, "", False),
                    ]
                    if admin
                    else []
                ),
                *(
                    [("Sổ đăng ký", "registers", "register", 0, 0, "k", False)]
                    if person.may(Duty.REGISTRAR, Duty.OFFICE_CHIEF)
                    else []
                ),
                *([("Báo tin cho phần mềm", "webhooks", "bell", 0, 0, "", False)] if admin else []),
                *(
                    []
                    if not (admin or person.may(Duty.REGISTRAR))
                    else [("Nhập dữ liệu cũ", "imports", "upload", 0, 0, "", False)]
                ),
                *([("Nhật ký", "audit", "history", 0, 0, "l", not clerical)] if admin or auditor else []),
            ],
        )


def counts(visit: Visit) -> dict[str, int]:
    """The numbers of the navigation, each from an index."""
    person, today = visit.who, visit.today
    mine = Task.objects.filter(working.mine(visit), state__in=TO_DO)
    totals = mine.aggregate(
        todo=Count("pk"), late=Count("pk", filter=Q(due_date__lt=today)),
        signing=Count("pk", filter=Q(kind=TaskKind.SIGNATURE.value)),
    )  # fmt: skip
    registrar = person.may(Duty.REGISTRAR)
    return {
        **totals,
        "arrivals": Arrival.objects.filter(agency=visit.agency, state=ArrivalState.WAITING.value).count()
        if registrar else 0,
        "drafts": Document.objects.filter(
            agency=visit.agency, drafter__in=person.stands_for, state=Outgoing.DRAFT.value
        ).count(),
        "numbering": Document.objects.filter(
            agency=visit.agency, direction="outgoing", state__in=(Outgoing.SIGNED.value, Outgoing.NUMBERED.value)
        ).count() if registrar else 0,
    }  # fmt: skip
