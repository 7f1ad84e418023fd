"""Configuration: whole-file validation, types, secrets, examples that load."""

import re
import stat
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.infra.config import child_environment, load, locate
from lienthong.infra.config_page import effective, example_file, reference_rows
from lienthong.infra.config_text import duration_text, key_lines, parse_duration, parse_size, size_text
from lienthong.infra.connector_config import AxisEntry, ConnectorConfig
from lienthong.infra.role_config import ROLES, AxisConfig, WorkerConfig


def write(folder: Path, text: str, name: str = "axis.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, role=AxisConfig) -> Refused:
    with pytest.raises(Refused) as caught:
        load(path, role)
    return caught.value


def test_a_small_file_gives_defaults_and_paths_beside_the_file(tmp_path):
    config = load(write(tmp_path, '[axis]\nname = "axis.example"\n'), AxisConfig)
    assert config.data_dir == tmp_path / "data"
    assert config.keys == tmp_path / "data" / "keys"
    assert config.address == ("127.0.0.1", 8080)
    assert config.deadline == timedelta(days=30)
    assert config.max_document == 2_048_000_000


def test_values_are_read_in_their_own_forms(tmp_path):
    text = """[axis]
name = "axis.example"
deadline = "12 h"
max_document = "200 MiB"
quota_per_second = 5
witnesses = [
  "a.example+k https://a.example",  # deadline = "9 d"
]
log_level = "debug"
data_dir = "/srv/axis"
[worker]
poll = "50 ms"
"""
    path = write(tmp_path, text)
    config, worker = load(path, AxisConfig), load(path, WorkerConfig)
    assert (config.deadline, config.max_document) == (timedelta(hours=12), 200 * 2**20)
    assert config.quota_per_second == 5.0
    assert config.witnesses == ("a.example+k https://a.example",)
    assert config.data_dir == Path("/srv/axis")
    assert worker.poll == timedelta(milliseconds=50)


def test_all_problems_are_reported_at_once_with_their_lines(tmp_path):
    text = """[axis]
listen = 8080
deadlin = "3 d"
max_document = "many"
quota_burst = 0
metrics = "yes"
log_level = "loud"

[workr]
threads = 1
[worker]
threads = 100
"""
    error = refused(write(tmp_path, text))
    found = {p.path: p.en for p in error.problems}
    assert set(found) == {
        "workr",
        "axis.deadlin",
        "axis.name",
        "axis.listen",
        "axis.max_document",
        "axis.quota_burst",
        "axis.metrics",
        "axis.log_level",
        "worker.threads",
    }
    assert found["axis.deadlin"] == "Line 3: unknown key “deadlin”; did you mean “deadline”."
    assert found["workr"].startswith("Line 9: unknown table “workr”; did you mean “worker”")
    assert found["worker.threads"].startswith("Line 12:")
    assert error.code.name == "CONFIG_INVALID"
    assert "9" in error.sentence("vi")
    assert all(p.vi and p.en for p in error.problems)


def test_the_table_of_another_role_in_the_same_file_is_checked_too(tmp_path):
    error = refused(write(tmp_path, '[axis]\nname = "a.example"\n[worker]\nthreads = "two"\n'))
    assert [p.path for p in error.problems] == ["worker.threads"]


def test_rules_between_keys_are_checked(tmp_path):
    text = '[axis]\nname = "A b"\nlisten = "80"\ntsa_url = "ftp://x"\ndsn = "password=y"\nkill_at = "?"\n'
    error = refused(write(tmp_path, text))
    assert {p.path for p in error.problems} == {
        "axis.name",
        "axis.listen",
        "axis.tsa_url",
        "axis.dsn",
        "axis.kill_at",
    }


@pytest.mark.parametrize("dsn", ["postgresql://u:secret@h/db", "host=h PASSWORD = x"])
def test_a_password_in_the_connection_string_is_refused(tmp_path, dsn):
    error = refused(write(tmp_path, f'[axis]\nname = "a.example"\ndsn = "{dsn}"\n'))
    assert "secret" not in str(error.problems)


def test_a_missing_broken_or_foreign_file_is_refused_in_words(tmp_path):
    assert refused(tmp_path / "none.toml").code.name == "CONFIG_MISSING"
    assert refused(write(tmp_path, "[axis\n")).problems[0].en.startswith("not TOML")
    (tmp_path / "latin.toml").write_bytes(b'[axis]\nname = "\xe9"\n')
    assert "UTF-8" in refused(tmp_path / "latin.toml").problems[0].en
    assert "table" in refused(write(tmp_path, 'axis = "x"\n')).problems[0].en
    assert refused(tmp_path).code.name == "CONFIG_INVALID"
    (tmp_path / "huge.toml").write_bytes(b"#" * 1_000_001)
    assert "too large" in refused(tmp_path / "huge.toml").problems[0].en


CONNECTOR = """[connector]
axis_url = "https://axis.example"
axis_name = "axis.example"
axis_key_file = "axis.pub.pem"
system_id = "so-tc"
agencies = ["H99.01"]
key_file = "system.key.pem"
"""


def test_a_secret_must_exist_and_belong_to_its_owner_alone(tmp_path):
    path = write(tmp_path, CONNECTOR, "connector.toml")
    secret = tmp_path / "system.key.pem"
    assert "unreadable" in refused(path, ConnectorConfig).problems[0].en
    secret.write_bytes(b"s3cret\n")
    secret.chmod(0o640)
    problem = refused(path, ConnectorConfig).problems[0]
    assert "chmod 600" in problem.vi
    assert problem.path == "connector.key_file"
    secret.chmod(stat.S_IRUSR | stat.S_IWUSR)
    config = load(path, ConnectorConfig)
    assert config.key_file.read() == b"s3cret"
    assert dict(effective(config))["key_file"] == f'"{secret}"'
    assert "s3cret" not in repr(config) + str(effective(config))


@pytest.mark.parametrize("role", ROLES)
def test_the_example_file_of_a_role_loads_once_its_secrets_exist(tmp_path, role):
    text = example_file(role)
    path = write(tmp_path, text)
    for name in ("system.key.pem",):
        (tmp_path / name).write_bytes(b"x")
        (tmp_path / name).chmod(0o600)
    assert load(path, role) is not None
    uncommented = "\n".join(
        line.removeprefix("# ") if re.match(r"# [a-z_]+ = ", line) else line for line in text.splitlines()
    )
    assert set(tomllib.loads(uncommented)[role.table]) == {row[0] for row in reference_rows(role)}


def test_the_file_is_found_by_argument_then_environment_then_system(tmp_path, monkeypatch):
    assert locate(AxisConfig, tmp_path / "x.toml") == tmp_path / "x.toml"
    monkeypatch.setenv("LIENTHONG_CONFIG_DIR", str(tmp_path))
    assert locate(WorkerConfig) == tmp_path / "axis.toml"
    monkeypatch.delenv("LIENTHONG_CONFIG_DIR")
    assert locate(ConnectorConfig) == Path("/etc/lienthong/connector.toml")


def test_children_do_not_inherit_database_variables(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "x")
    env = child_environment(LC_ALL="C")
    assert env["LC_ALL"] == "C"
    assert not [k for k in env if k.startswith("PG")]


@given(st.integers(0, 2**50))
def test_every_size_survives_writing_and_reading(size):
    assert parse_size(size_text(size)) == size


@given(st.integers(0, 10**12))
def test_every_duration_survives_writing_and_reading(ms):
    assert parse_duration(duration_text(timedelta(milliseconds=ms))) == timedelta(milliseconds=ms)


@given(st.text(max_size=12))
def test_odd_sizes_and_durations_are_value_errors_only(text):
    for parse in (parse_size, parse_duration):
        try:
            parse(text)
        except ValueError:
            continue


@given(st.text(alphabet="ab=[]\"'#\\ \n.", max_size=60))
def test_the_line_finder_never_fails_and_never_points_outside(text):
    for line in key_lines(text).values():
        assert 1 <= line <= len(text.splitlines())


def test_the_line_finder_skips_strings_arrays_and_comments():
    text = 'a = """\nb = 1\n"""\nc = [\n "x]", # d = 1\n]\nd = \'\'\'e = 1\'\'\'\n[t]\n"q" = 1\n'
    assert key_lines(text) == {("", "a"): 1, ("", "c"): 4, ("", "d"): 7, ("t", ""): 8, ("t", "q"): 9}


WHOLE_CONNECTOR = """[connector]
axis_url = "https://axis.example"
axis_name = "axis.example"
axis_key_file = "axis.pub.pem"
system_id = "s"
agencies = ["H99"]
key_file = "key.pem"
"""


def connector_file(tmp_path, line):
    (tmp_path / "key.pem").write_bytes(b"x")
    (tmp_path / "key.pem").chmod(0o600)
    return write(tmp_path, WHOLE_CONNECTOR + line)


def test_a_list_of_small_tables_is_read_with_paths_beside_the_file_and_written_back(tmp_path):
    line = 'further_axes = [{name = "b.example", url = "https://b.example", key_file = "b.pem"}]'
    config = load(connector_file(tmp_path, line), ConnectorConfig)
    assert config.further_axes == (AxisEntry("b.example", "https://b.example", tmp_path / "b.pem"),)
    shown = dict(effective(config))["further_axes"]
    assert tomllib.loads(f"x = {shown}")["x"][0]["name"] == "b.example"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('[{name = "b", ulr = "https://b", key_file = "b"}]', "entry 1: unknown key “ulr”; did you mean “url”"),
        ('[{name = "b", url = "https://b"}]', "entry 1: the key “key_file” is missing"),
        ('[{name = 7, url = "https://b", key_file = "b"}]', "entry 1: must be a non-empty string"),
        ('["https://b"]', "must be a list of tables"),
        ('[{name = "b", url = "ftp://b", key_file = "b"}]', "“url” must be an http(s) address"),
        ('[{name = "axis.example", url = "https://b", key_file = "b"}]', "two axes must not have one name"),
    ],
)
def test_what_is_wrong_in_a_small_table_is_named(tmp_path, value, said):
    (problem,) = refused(connector_file(tmp_path, f"further_axes = {value}"), ConnectorConfig).problems
    assert problem.path == "connector.further_axes"
    assert problem.en.startswith("Line 8: ")
    assert said in problem.en


def test_a_file_that_is_no_toml_is_told_with_its_place_in_both_languages(tmp_path: Path) -> None:
    file = tmp_path / "axis.toml"
    file.write_text("[axis]\nname = = 1\n")
    with pytest.raises(Refused) as refused:
        load(file, AxisConfig)
    (problem,) = refused.value.problems
    assert "dòng 2, cột 8" in problem.vi
    assert "line 2, column 8" in problem.en
