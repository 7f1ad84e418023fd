"""Signing in to the office: password, code, and whose pages are seen afterwards."""

from lienthong.webkit.site.duties import Duty
from office_world import make_agency


def test_a_registrar_signs_in_with_password_and_code_and_sees_the_register(office_installation, agency_number) -> None:
    made = make_agency(agency_number)
    client = made.client(Duty.REGISTRAR)
    assert "Việc của tôi" in client.get("/").content.decode()
    page = client.get("/incoming")
    assert page.status_code == 200
    assert "Chưa có văn bản đến" in page.content.decode()
