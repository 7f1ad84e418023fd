"""Finding the document that a report speaks of."""

from datetime import date

from lienthong.vocabulary.matching import Candidate, MatchRule, Reported, match

ISSUER, RECEIVER = "000.00.00.G22", "000.00.00.H26"
FIRST = Candidate("a", ISSUER, f"{ISSUER},2020/03/05,12/VPCP-TH", "12/VPCP-TH", date(2020, 3, 5))
NEXT_YEAR = Candidate("b", ISSUER, f"{ISSUER},2021/03/05,12/VPCP-TH", "12/VPCP-TH", date(2021, 3, 5))
OTHER = Candidate("c", "000.00.00.G01", "7f3f", "12/VPCP-TH", date(2020, 3, 5))
ALL = [FIRST, NEXT_YEAR, OTHER]


def test_the_exact_identifier_wins():
    found = match(Reported("wrong.issuer", RECEIVER, FIRST.document_id, "999/X"), ALL)
    assert (found.found, found.rule) == (FIRST, MatchRule.DOCUMENT_ID)


def test_without_the_identifier_issuer_number_and_date_decide():
    found = match(Reported(ISSUER, RECEIVER, "", " 12 / vpcp-th", date(2021, 3, 5)), ALL)
    assert (found.found, found.rule) == (NEXT_YEAR, MatchRule.NUMBER_AND_DATE)


def test_a_wrong_day_still_matches_when_the_number_is_unique_in_the_year():
    found = match(Reported(ISSUER, RECEIVER, "", "12/VPCP-TH", date(2020, 3, 6)), ALL)
    assert (found.found, found.rule) == (FIRST, MatchRule.NUMBER_IN_YEAR)


def test_without_a_year_two_candidates_are_never_guessed_between():
    found = match(Reported(ISSUER, RECEIVER, "", "12/VPCP-TH"), ALL)
    assert found.found is None
    assert set(found.rivals) == {FIRST, NEXT_YEAR}


def test_exchanged_fields_and_an_identifier_with_the_receivers_code_are_tolerated():
    reported = Reported("12/VPCP-TH", RECEIVER, f"{RECEIVER},2020/03/05,12/VPCP-TH", ISSUER)
    assert match(reported, ALL).found == FIRST


def test_an_identifier_used_twice_is_narrowed_by_issuer_and_then_by_number():
    twin = Candidate("d", ISSUER, FIRST.document_id, "13/VPCP-TH", date(2020, 3, 5))
    foreign = Candidate("e", "000.00.00.G01", FIRST.document_id, "12/VPCP-TH", date(2020, 3, 5))
    reported = Reported(ISSUER, RECEIVER, FIRST.document_id, "13/VPCP-TH")
    assert match(reported, [FIRST, twin, foreign]).found == twin
    nameless = Reported(ISSUER, RECEIVER, "7f3f")
    assert match(nameless, [OTHER, Candidate("f", ISSUER, "7f3f", "1/A", None)]).found.reference == "f"


def test_codes_may_be_compared_through_the_directory():
    def same(one, other):
        return {one, other} <= {ISSUER, "G22"} or one == other

    assert match(Reported("G22", RECEIVER, "", "12/VPCP-TH", date(2020, 3, 5)), ALL, same).found == FIRST


def test_nothing_is_found_for_an_unknown_document():
    found = match(Reported(ISSUER, RECEIVER, "zzz", "no number"), ALL)
    assert (found.found, found.rule, found.rivals) == (None, None, ())
