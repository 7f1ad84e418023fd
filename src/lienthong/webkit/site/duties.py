"""What a person may be in an agency: the roles of clerical work, as access rules name them.

Source: clerical-archive facts §6.2 (practice of the regulations made after Decision 28/2018/QĐ-TTg); D30 art. 6.
"""

from __future__ import annotations

from enum import Enum


class Duty(Enum):
    """Vai trò: one capacity in which a person acts. A person may hold several, each in a unit and for a time."""

    REGISTRAR = "registrar"
    UNIT_REGISTRAR = "unit_registrar"
    OFFICE_CHIEF = "office_chief"
    LEADER = "leader"
    UNIT_HEAD = "unit_head"
    CASE_OFFICER = "case_officer"
    FOLLOW_UP = "follow_up"
    ARCHIVIST = "archivist"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    INTERCONNECTION = "interconnection"

    @property
    def vi(self) -> str:
        """The word of the regulations."""
        return _WORDS[self][0]

    @property
    def en(self) -> str:
        return _WORDS[self][1]


_WORDS = {
    Duty.REGISTRAR: ("Văn thư cơ quan", "Registrar"),
    Duty.UNIT_REGISTRAR: ("Văn thư đơn vị", "Unit registrar"),
    Duty.OFFICE_CHIEF: ("Chánh văn phòng", "Office chief"),
    Duty.LEADER: ("Lãnh đạo cơ quan", "Leader"),
    Duty.UNIT_HEAD: ("Lãnh đạo đơn vị", "Unit head"),
    Duty.CASE_OFFICER: ("Chuyên viên", "Case officer"),
    Duty.FOLLOW_UP: ("Chuyên viên theo dõi", "Follow-up officer"),
    Duty.ARCHIVIST: ("Lưu trữ", "Archivist"),
    Duty.ADMINISTRATOR: ("Quản trị", "Administrator"),
    Duty.AUDITOR: ("Kiểm soát", "Auditor"),
    Duty.INTERCONNECTION: ("Quản trị liên thông", "Interconnection operator"),
}

CLERICAL = (Duty.REGISTRAR, Duty.OFFICE_CHIEF, Duty.LEADER, Duty.UNIT_HEAD, Duty.UNIT_REGISTRAR, Duty.CASE_OFFICER,
            Duty.FOLLOW_UP, Duty.ARCHIVIST)  # fmt: skip
"""Duties of whoever works with documents. Administrators and auditors have no right to content of their own."""

WHOLE_AGENCY = (Duty.REGISTRAR, Duty.OFFICE_CHIEF, Duty.LEADER)
"""Duties that see every document of the agency that nobody has restricted."""
