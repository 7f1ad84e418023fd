"""How often a PIN really reaches the token: counted inside a PKCS #11 module that stands before SoftHSM."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from softhsm_token import MODULE, PIN, Tokens, uri

SOURCE = Path(__file__).with_name("counting_module.c")
FINAL_TRY, LOCKED, COUNT_LOW = 0x20000, 0x40000, 0x10000
SCRIPT = """
import sys
from lienthong.base.errors import Refused
from lienthong.infra.token_signer import TokenSigner
from lienthong.infra.token_uri import read_token_uri
try:
    signer = TokenSigner(read_token_uri(sys.argv[1]), sys.argv[2].encode())
    for _ in range(5):
        signer.sign(b"x")
    print("signed")
except Refused as refused:
    print(refused.code.name)
"""


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    module = tmp_path_factory.mktemp("module") / "counting.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-Wall", "-o", str(module), str(SOURCE), "-ldl"], check=True)
    return module


@pytest.mark.parametrize(
    ("pin", "flags", "said", "logins"),
    [
        (PIN.decode(), 0, "signed", 1), (PIN.decode(), COUNT_LOW, "signed", 1), ("9999", 0, "TOKEN_PIN_WRONG", 1),
        (PIN.decode(), COUNT_LOW | FINAL_TRY, "TOKEN_PIN_FINAL_TRY", 0), ("9999", FINAL_TRY, "TOKEN_PIN_FINAL_TRY", 0),
        (PIN.decode(), LOCKED, "TOKEN_PIN_LOCKED", 0),
    ],
)  # fmt: skip
def test_a_pin_reaches_the_token_once_an_entry_and_never_for_the_last_try(
    counting: Path, tokens: Tokens, tmp_path: Path, pin: str, flags: int, said: str, logins: int
) -> None:
    name = f"pin-{tmp_path.name[-12:]}"
    tokens.make(name)
    tokens.put(name, ec.generate_private_key(ec.SECP256R1()), "k")
    count = tmp_path / "logins"
    count.touch()
    environment = {"COUNTING_MODULE": MODULE, "COUNTING_FILE": str(count), "COUNTING_FLAGS": str(flags)}
    address = uri(name, "k").replace(MODULE, str(counting))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, address, pin], check=False, capture_output=True, text=True, timeout=60,
        env=os.environ | environment,
    )  # fmt: skip
    assert (done.stdout.strip(), count.read_text().count("login")) == (said, logins), done.stderr
