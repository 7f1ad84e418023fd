"""The office's configuration: rules between its keys, said with the name of the key."""

from pathlib import Path

import pytest

from lienthong.base.errors import Refused
from lienthong.infra.config import load
from lienthong.infra.office_config import OfficeConfig, ProgramsConfig


@pytest.mark.parametrize("name", ["listen", "mail_server"])
def test_an_address_without_a_port_is_told_by_the_name_of_its_key(tmp_path: Path, name: str) -> None:
    file = tmp_path / "office.toml"
    file.write_text(f'[office]\nmail_from = "van-thu@co-quan.example"\n{name} = "thu.example"\n')
    with pytest.raises(Refused) as caught:
        load(file, OfficeConfig)
    assert [each.path for each in caught.value.problems] == [f"office.{name}"]
    assert f"“{name}”" in caught.value.problems[0].vi


@pytest.mark.parametrize(
    ("host", "good"),
    [("fcm.googleapis.com", True), (".push.apple.com", True), ("127.0.0.1", True), ("may-1", True), (".com", False),
     ("", False), (".", False), ("https://a.example", False), ("a.example:443", False), ("*.a.example", False),
     ("A.example", False), ("a..example", False), ("-a.example", False), ("a.example\n", False)],
)  # fmt: skip
def test_a_push_service_is_named_by_its_host_or_by_a_suffix_of_two_parts(host: str, good: bool) -> None:
    found = ProgramsConfig(push_hosts=("push.example", host)).contradictions()
    assert [name for name, _, _ in found] == ([] if good else ["push_hosts"])
