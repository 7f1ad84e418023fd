"""Signing in to the office: password, code, and whose pages are seen afterwards."""

import re

from lienthong.webkit.site.duties import Duty
from office_world import OfficeClient, make_agency


def test_a_registrar_signs_in_with_password_and_code_and_sees_the_register(office_installation, agency_number) -> None:
    made = make_agency(agency_number)
    client = made.client(Duty.REGISTRAR)
    assert "Việc của tôi" in client.get("/").content.decode()
    page = client.get("/incoming")
    assert page.status_code == 200
    assert "Chưa có văn bản đến" in page.content.decode()


def test_the_browsers_tab_has_the_mark_before_and_after_signing_in(office_installation, agency_number) -> None:
    client = make_agency(agency_number).client(Duty.REGISTRAR)
    for page in (OfficeClient().get("/sign-in"), client.get("/")):
        found = re.search(r'<link rel="icon" type="image/svg\+xml" href="([^"]+)">', page.content.decode())
        assert found is not None
        assert client.get(found[1]).headers["Content-Type"] == "image/svg+xml"
