"""Pages that show every part of the look with plausible content, and a server that hands them out with the real headers."""

from __future__ import annotations

import http.server
import io
import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from PIL import Image, ImageDraw

from lienthong.webkit import look
from lienthong.webkit.look import charts, parts
from lienthong.webkit.templates import HEADERS, LOOK, equip

HERE = Path(__file__).parent / "browser" / "gallery"
TODAY = date(2026, 11, 26)
_ZONE = timezone(timedelta(hours=7))
_ABSTRACTS = (
    "Về việc triển khai số hoá hồ sơ, kết quả giải quyết thủ tục hành chính và chuẩn hoá dữ liệu đất đai năm 2026 trên địa bàn các xã, phường thuộc tỉnh Mẫu Sơn theo kết luận của Chủ tịch Uỷ ban nhân dân tỉnh",
    "Báo cáo kết quả thực hiện nhiệm vụ quý III/2026 và phương hướng quý IV/2026",
    "Mời dự họp giao ban chuyên đề về chuyển đổi số, an toàn thông tin mạng",
    "Kế hoạch kiểm tra công tác văn thư, lưu trữ năm 2026 tại các sở, ban, ngành",
    "Quyết định về việc phê duyệt danh mục nhiệm vụ sử dụng ngân sách đặt hàng, giao nhiệm vụ cung cấp sản phẩm, dịch vụ công ích",
)
_SENDERS = (
    "Bộ Nội vụ (thử nghiệm)",
    "Sở Tài chính tỉnh Mẫu Sơn",
    "Uỷ ban nhân dân xã Đồng Giữa",
    "Văn phòng Chính phủ (thử nghiệm)",
)
_STATES = (
    ("Chờ chỉ đạo", "waiting", "clock"),
    ("Đang xử lý", "work", "edit"),
    ("Đã xong", "done", "check"),
    ("Quá hạn", "error", "alert"),
    ("Mới đến", "", "inbox"),
)


@dataclass
class Document:
    no: int
    day: str
    symbol: str
    sender: str
    abstract: str
    urgency: int
    due: parts.Deadline | None
    who: str
    state: tuple[str, str, str]


def documents(count: int) -> list[parts.Row]:
    rows = []
    for at in range(count):
        left = (3, -2, 0, 12, 1)[at % 5]
        thing = Document(
            1312 - at, f"{26 - at % 20:02d}/11/2026", ("1245/UBND-VP", "87/BC-STC", "312/GM-VPCP", "15/KH-UBND", "2026/QĐ-BNV")[at % 5],
            _SENDERS[at % 4], _ABSTRACTS[at % 5], (1, 0, 3, 0, 2)[at % 5],
            parts.Deadline(TODAY + timedelta(days=left), left) if at % 3 != 2 else None, ("Trần Thị Ngọc Ánh", "Phòng Tổng hợp", "–")[at % 3],
            _STATES[at % 5],
        )  # fmt: skip
        rows.append(
            parts.Row(
                str(at),
                f"/list/{at}",
                f"Văn bản {thing.symbol}",
                thing,
                "error" if left < 0 else "",
                at % 4 == 0,
                at == 2,
            )
        )
    return rows


COLUMNS = [
    parts.Column("no", "Số đến", "number", "/list?sort=no", fixed=True),
    parts.Column("day", "Ngày đến", "date", "/list?sort=day", "descending"),
    parts.Column("symbol", "Số ký hiệu", sort_href="/list?sort=symbol", head=True, fixed=True),
    parts.Column("sender", "Cơ quan ban hành", sort_href="/list?sort=sender"),
    parts.Column("abstract", "Trích yếu", "abstract"),
    parts.Column("due", "Hạn xử lý", "date", "/list?sort=due"),
    parts.Column("who", "Đơn vị, người xử lý", phone=False),
    parts.Column("state", "Trạng thái", "state"),
    parts.Column("files", "Tệp", "number", shown=False),
]


def shell(path: str) -> parts.Shell:
    def item(
        label: str, href: str, icon: str, count: int = 0, late: int = 0, goto: str = "", phone: bool = False
    ) -> parts.NavItem:
        return parts.NavItem(label, href, icon, count, late, path == href, goto, phone)

    groups = [
        parts.NavGroup("", [item("Việc của tôi", "/panes", "tasks", 37, 4, "t", True), item("Tổng quan", "/pieces", "dashboard", goto="h", phone=True)]),
        parts.NavGroup("Văn bản", [item("Văn bản đến", "/list", "inbox", 128, 0, "i", True), item("Văn bản đi", "/form", "outbox", 12, 0, "o", True), item("Dự thảo", "/drafts", "edit", 3), item("Sổ đăng ký", "/books", "book")]),
        parts.NavGroup("Hồ sơ, tra cứu", [item("Hồ sơ công việc", "/dossiers", "folder", 9, 0, "d"), item("Tra cứu", "/search", "search"), item("Báo cáo, thống kê", "/report", "chart")]),
        parts.NavGroup("Quản trị", [item("Đơn vị, vị trí", "/units", "units"), item("Nhật ký", "/log", "history")], open=False),
    ]  # fmt: skip
    person = parts.Person(
        "Nguyễn Thị Minh Thuỷ",
        "Văn thư",
        [
            parts.MenuItem("Cài đặt cá nhân", "/me", "settings"),
            parts.MenuItem("Đăng xuất", "/logout", "logout", post=True),
        ],
    )
    return parts.Shell(
        "Văn phòng liên thông", "Uỷ ban nhân dân tỉnh Mẫu Sơn (thử nghiệm)", "/pieces", groups, person, "/search", "", "/bell", 7, "w",
        languages=[parts.Tongue("English", "en", "/language")], manifest="/app.webmanifest", worker="/worker.js", foot="Giờ Việt Nam (GMT+7)",
    )  # fmt: skip


def facts() -> dict[str, Any]:
    rows = documents(24)
    acts = [
        parts.MenuItem("Chuyển xử lý", "/bulk/forward", "forward"),
        parts.MenuItem("Đưa vào hồ sơ", "/bulk/file", "folder"),
        parts.MenuItem("Xoá", "/bulk/drop", "trash", tone="error", why_not="Văn bản đã vào sổ thì không xoá được"),
    ]
    events = [
        parts.Event(datetime(2026, 11, 24, 8, 5, tzinfo=_ZONE), "Trục liên thông", "chuyển đến, chữ ký hợp lệ", icon="inbox", tone="done"),
        parts.Event(datetime(2026, 11, 24, 9, 30, tzinfo=_ZONE), "Nguyễn Thị Minh Thuỷ", "vào sổ, số đến 1312", icon="book"),
        parts.Event(datetime(2026, 11, 24, 14, 2, tzinfo=_ZONE), "Lê Quốc Bảo", "cho ý kiến chỉ đạo", "Giao Sở Tài chính chủ trì, phối hợp Sở Nội vụ tham mưu, báo cáo trước ngày 30/11.", "opinion", "work"),
        parts.Event(datetime(2026, 11, 26, 7, 45, tzinfo=_ZONE), "Hệ thống", "nhắc: còn 2 ngày làm việc", icon="bell", tone="waiting"),
    ]  # fmt: skip
    unit = parts.Unit
    tree = [
        unit("stc", "Sở Tài chính", "Giám đốc Phạm Văn Đức", [unit("stc-qlns", "Phòng Quản lý ngân sách", "", (), "support"), unit("stc-vp", "Văn phòng Sở")], "lead", open=True),
        unit("snv", "Sở Nội vụ", "", [unit("snv-vtlt", "Phòng Văn thư, lưu trữ")], "support"),
        unit("vp", "Văn phòng Uỷ ban nhân dân tỉnh", role="inform"),
        unit("xdg", "Uỷ ban nhân dân xã Đồng Giữa"),
    ]  # fmt: skip
    choice = parts.Choice
    return {
        "rows": rows, "picks": documents(14), "columns": COLUMNS, "acts": acts, "today": TODAY, "events": events, "tree": tree,
        "acts_page": [parts.MenuItem("In sổ đăng ký", "/print", "print", key="p"), parts.MenuItem("Xuất Excel", "/xlsx", "download"), parts.MenuItem("Khoá sổ", "/close", "lock", post=True, why_not="Còn 3 số chưa có văn bản")],
        "crumbs": [parts.Crumb("Văn bản", "/"), parts.Crumb("Sổ đến 2026", "/list"), parts.Crumb("Chưa xử lý")],
        "kinds": [choice("cv", "Công văn", count=812, chosen=True), choice("bc", "Báo cáo", count=240), choice("qd", "Quyết định", count=131), choice("gm", "Giấy mời", count=96), choice("kh", "Kế hoạch", count=33)],
        "states": [choice("new", "Mới đến"), choice("work", "Đang xử lý"), choice("late", "Quá hạn")],
        "views": [parts.View("Chưa xử lý", "/list?v=1", True, 37), parts.View("Hỏa tốc tháng này", "/list?v=2", count=4), parts.View("Của Sở Tài chính", "/list?v=3", owner="Lê Quốc Bảo")],
        "chips": [parts.Chip("Loại", "Công văn", "/list?a"), parts.Chip("Đến", "26/11/2026", "/list?b"), parts.Chip("Trạng thái", "Chưa xử lý", "/list?c")],
        "pager": parts.Pager(1, 24, 1312, after_href="/list?after=24"),
        "signatures": [
            parts.Signature("Nguyễn Văn An, Chủ tịch", "valid", "Ký 24/11/2026 07:58, tệp không đổi từ khi ký.", "mức B-LT", "/why/1"),
            parts.Signature("Uỷ ban nhân dân tỉnh Mẫu Sơn", "unknown", "Chưa tra được tình trạng thu hồi của chứng thư số.", "", "/why/2"),
            parts.Signature("Văn thư nơi nhận", "planned", "Dấu đến sẽ ký khi vào sổ."),
        ],
        "leaves": [parts.Leaf(number, f"/leaf/{number}.png", 1240, 1754, f"/leaf/{number}.png", f"Trang {number}: nội dung văn bản.") for number in range(1, 6)],
        "tabs": [parts.Tab("Chỉ đạo", "#t-do", current=True), parts.Tab("Quá trình", "#t-line", count=4), parts.Tab("Hồ sơ", "#t-file")],
        "tabs_page": [parts.Tab("Tháng", "/pieces", current=True), parts.Tab("Năm", "/pieces?y")],
        "facts": [("Số đến", "1312 · 24/11/2026"), ("Cơ quan", "Uỷ ban nhân dân tỉnh Mẫu Sơn"), ("Trích yếu", _ABSTRACTS[0]), ("Hạn", "30/11/2026")],
        "phrases": ["Chuyển Văn phòng tham mưu.", "Đề nghị báo cáo trước ngày 30.", "Lưu, theo dõi."],
        "steps": [parts.Step("Soạn", "done", "/1"), parts.Step("Ký", "done", "/2"), parts.Step("Cấp số", "current"), parts.Step("Gửi", "todo", more="12 nơi nhận")],
        "tasks": [parts.Step("Đủ thành phần hồ sơ", "done", "/1"), parts.Step("Mục lục văn bản", "started", "/2", "còn 3 văn bản chưa có số tờ"), parts.Step("Kiểm tra chữ ký", "todo", "/3"), parts.Step("Nộp lưu", "blocked", more="làm sau khi ba việc trên xong")],
        "faults": [parts.Fault("day", "Ngày ban hành không có trong lịch: 31/02/2026"), parts.Fault("to", "Chưa chọn nơi nhận nào")],
        "urgencies": [choice("", "Thường"), choice("k", "Khẩn"), choice("ht", "Hỏa tốc", chosen=True)],
        "agencies": [choice("a1", "Bộ Nội vụ (thử nghiệm)", "G01"), choice("a2", "Sở Đầu tư và Phát triển (thử nghiệm)", "H99.02"), choice("a3", "Sở Tài chính tỉnh Mẫu Sơn", "H99.03", chosen=True), choice("a4", "Uỷ ban nhân dân xã Đồng Giữa", "H99.31", chosen=True), choice("a5", "Quyết Thắng, phường", "H99.32")],
        "ways": [choice("axis", "Qua trục liên thông", "12 nơi nhận đã nối", chosen=True), choice("paper", "Bản giấy"), choice("mail", "Thư điện tử công vụ")],
        "figures": [parts.Figure("Chờ tôi ký", "5", "/sign", "cũ nhất: 2 ngày", "sign", "waiting"), parts.Figure("Chờ cho ý kiến", "12", "/opine", "", "opinion"), parts.Figure("Quá hạn trong phạm vi phụ trách", "4", "/late", "ở 2 đơn vị", "alert", "error"), parts.Figure("Đúng hạn tháng này", "96,4 %", "/rate", "1.204 trên 1.249", "check", "done")],
        "chart": charts.Bars("Văn bản đến và đi, 6 tháng", "Tháng", ["06/2026", "07/2026", "08/2026", "09/2026", "10/2026", "11/2026"], [parts.Series("Đến", [812, 903, 871, 1004, 1130, 1312]), parts.Series("Đi", [402, 380, 455, 510, 498, 460])]),
        "shares": [charts.Share("Văn phòng", 310, 318, "/l/1"), charts.Share("Phòng Tổng hợp", 122, 140, "/l/2"), charts.Share("Phòng Khoa giáo, Văn xã", 66, 91, "/l/3"), charts.Share("Ban Tiếp công dân", 0, 0)],
        "done": [parts.Done("87/BC-STC", "/1", True), parts.Done("312/GM-VPCP", "/2", False, "Đã có người nhận xử lý từ 09:12."), parts.Done("15/KH-UBND", "/3", True, "giao Phòng Tổng hợp")],
        "report": charts.Report("Tình hình xử lý văn bản đến tháng 11/2026", [[charts.HeadCell("Đơn vị", rows=2), charts.HeadCell("Tổng số", rows=2), charts.HeadCell("Đã xử lý", 2), charts.HeadCell("Đang xử lý", 2)], [charts.HeadCell("Đúng hạn"), charts.HeadCell("Quá hạn"), charts.HeadCell("Trong hạn"), charts.HeadCell("Quá hạn")]],
            [charts.ReportLine([charts.ReportCell("I. Văn phòng", number=False, head=True), *(charts.ReportCell(each) for each in ("318", "298", "12", "7", "1"))], True),
             charts.ReportLine([charts.ReportCell("Phòng Tổng hợp", number=False, head=True), *(charts.ReportCell(each, "/l") for each in ("140", "122", "9", "8", "1"))])]),
    }  # fmt: skip


def render(name: str, language: str = "vi", **more: Any) -> str:
    loader = ChoiceLoader([FileSystemLoader(HERE), PrefixLoader({"look": PackageLoader(LOOK, "macros")})])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    equip(made, (LOOK,), "en" if language == "en" else "vi")
    return made.get_template(name + ".html").render(**({"shell": shell("/" + name)} | facts() | more))


def leaf(number: int) -> bytes:
    """A page of a letter as a picture: lines for words."""
    made = Image.new("L", (620, 877), 255)
    draw = ImageDraw.Draw(made)
    draw.text((250, 60), f"1245/UBND-VP  -  {number}", fill=0)
    for line in range(28):
        draw.rectangle((80, 130 + line * 24, 540 - (line % 5) * 30, 138 + line * 24), fill=120)
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


@dataclass
class Gallery:
    """The server: what it was asked, and how it answers uploads."""

    url: str = ""
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)
    on_upload: Callable[[int], int] = lambda count: 201
    uploads: int = 0


@contextmanager
def serve() -> Iterator[Gallery]:
    """The gallery over HTTP with the headers of real pages."""
    state = Gallery()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, content: bytes, media: str, status: int = 200, **headers: str) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Type": media,
                "Content-Length": str(len(content)),
                **HEADERS,
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            state.gets.append(self.path)
            found = look.find(path.removeprefix(look.PREFIX)) if path.startswith(look.PREFIX) else None
            if found:
                return self.answer(found.content, found.media_type, **{"Cache-Control": look.KEEP})
            if path.startswith("/leaf/"):
                return self.answer(leaf(int(path[6:-4])), "image/png")
            if path == "/worker.js":
                return self.answer(look.service_worker(), "text/javascript")
            if path == "/app.webmanifest":
                return self.answer(
                    json.dumps(look.manifest("Văn phòng liên thông", "Văn phòng")).encode(), "application/manifest+json"
                )
            if path.startswith("/mark-"):
                return self.answer(look.app_icon(), "image/svg+xml")
            asked = urllib.parse.parse_qs(query)
            name = path.strip("/")
            if (HERE / f"{name}.html").exists():
                more: dict[str, Any] = {}
                if asked.get("q"):
                    more["rows"] = documents(3)
                return self.answer(
                    render(name, asked.get("lang", ["vi"])[0], **more).encode(), "text/html; charset=utf-8"
                )
            return self.answer(
                f"<!doctype html><html lang=vi><title>{name}</title><main><h1>{name}</h1></main></html>".encode(),
                "text/html; charset=utf-8",
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.posts.append((self.path, body))
            if self.path == "/upload":
                state.uploads += 1
                status = state.on_upload(state.uploads)
                if status == 0:
                    self.close_connection = True
                    return self.connection.shutdown(2)
                return self.answer(
                    json.dumps(
                        {"id": f"f{state.uploads}", "name": "x"}
                        if status < 300
                        else {"detail": "Tệp có mã độc, đã giữ lại."}
                    ).encode(),
                    "application/json",
                    status,
                )
            return self.answer(
                b"<!doctype html><html lang=vi><title>x</title><main><h1>xong</h1></main></html>",
                "text/html; charset=utf-8",
            )

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
