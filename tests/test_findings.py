"""Findings as a sequence, as arrays, as values."""

import sys
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from samples import EMAIL, PERSON

import piiscan
from piiscan.findings import RECORD, Findings, mask, printable

TEXT = f"Åsa 🙂 har {PERSON} och {EMAIL}."


@pytest.fixture
def found() -> Findings:
    return piiscan.scan(TEXT)


def test_a_finding_says_what_and_where(found: Findings) -> None:
    assert [finding.detector for finding in found] == ["se-personnummer", "email"]
    assert found[0].category == "identity-number"
    assert found[0].confidence == piiscan.HIGH


def test_offsets_count_bytes_not_characters(found: Findings) -> None:
    start, end = found.spans()[0]
    assert TEXT.encode()[start:end].decode() == PERSON


def test_spans_are_converted_to_characters(found: Findings) -> None:
    start, end = found.spans(unit="char", text=TEXT)[0]
    assert TEXT[start:end] == PERSON


def test_spans_are_converted_to_utf16(found: Findings) -> None:
    start, end = found.spans(unit="utf16", text=TEXT)[0]
    assert TEXT.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le") == PERSON


def test_characters_cannot_be_counted_without_the_text(found: Findings) -> None:
    with pytest.raises(ValueError, match="needs the text"):
        found.spans(unit="char")


def test_values_come_from_the_callers_text(found: Findings) -> None:
    assert found.values(TEXT) == [PERSON, EMAIL]


def test_values_of_a_batch_come_from_their_rows() -> None:
    texts = ["Hej", TEXT, f"Skriv till {EMAIL}"]
    found = piiscan.scan_batch(texts)
    assert found.array["field"].tolist() == [1, 1, 2]
    assert found.values(texts) == [PERSON, EMAIL, EMAIL]


def test_the_array_has_the_layout_of_the_records(found: Findings) -> None:
    assert found.array.dtype == RECORD
    assert RECORD.itemsize == 32


def test_the_array_cannot_be_written_to(found: Findings) -> None:
    with pytest.raises(ValueError, match="read-only"):
        found.array["start"] = 0


def test_the_array_is_a_view_and_no_copy(found: Findings) -> None:
    assert not found.array.flags.owndata


def test_a_slice_is_findings(found: Findings) -> None:
    assert isinstance(found[1:], Findings)
    assert [finding.detector for finding in found[1:]] == ["email"]


def test_a_mask_chooses(found: Findings) -> None:
    chosen = found[found.array["start"] > 20]
    assert chosen.values(TEXT) == [EMAIL]


def test_a_mask_of_another_length_is_an_error(found: Findings) -> None:
    with pytest.raises(IndexError):
        found[np.array([True])]


def test_a_negative_index_counts_from_the_end(found: Findings) -> None:
    assert found[-1].detector == "email"


def test_an_index_beyond_the_end_is_an_error(found: Findings) -> None:
    with pytest.raises(IndexError):
        found[2]


def test_no_repr_shows_a_value(found: Findings) -> None:
    shown = (
        repr(found)
        + found._repr_html_()
        + repr(found[0])
        + repr(found.to_dicts())
        + repr(list(found))
    )
    assert PERSON not in shown
    assert EMAIL not in shown
    assert "2" in repr(found)


def test_an_empty_result_is_a_result() -> None:
    found = piiscan.scan("Hej.")
    assert len(found) == 0
    assert found.to_dicts() == []
    assert found.spans().shape == (0, 2)
    assert repr(found) == "<Findings: 0>"


def test_polars_reads_findings_without_help(found: Findings) -> None:
    frame = pl.DataFrame(found)
    assert frame["detector"].to_list() == ["se-personnummer", "email"]
    assert frame["start"].to_list() == found.array["start"].tolist()


def test_polars_reads_a_slice(found: Findings) -> None:
    assert pl.DataFrame(found[1:])["detector"].to_list() == ["email"]


def test_pandas_gets_columns(found: Findings, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = ModuleType("pandas")
    pandas.DataFrame = dict  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    frame = found.to_pandas()
    assert isinstance(frame, dict)
    assert list(frame) == list(found.to_dicts()[0])
    assert frame["confidence"].tolist() == [row["confidence"] for row in found.to_dicts()]


def test_an_arrow_column_is_scanned() -> None:
    found = piiscan.scan_batch(pl.Series([TEXT, None, EMAIL]))
    assert found.array["field"].tolist() == [0, 0, 2]


def test_one_text_is_no_batch() -> None:
    with pytest.raises(TypeError, match="scan_batch takes many"):
        piiscan.scan_batch(TEXT)


def test_a_mask_names_detector_length_and_the_head_of_the_fingerprint() -> None:
    assert mask("email", 9, "bdfh:" + "0123456789abcdef" * 2) == "[email 9 bdfh:01234567]"


def test_nothing_from_an_archive_steers_a_terminal() -> None:
    assert printable("a\x1b[31m\u202eb\\") == "a\\x1b[31m\\xe2\\x80\\xaeb\\\\"


def test_highlighted_text_is_masked() -> None:
    shown = piiscan.highlight(TEXT, piiscan.scan(TEXT))
    everything = repr(shown) + str(shown) + shown._repr_html_()
    assert PERSON not in everything
    assert EMAIL not in everything
    assert "<mark>[se-personnummer 11]</mark>" in shown._repr_html_()


def test_highlighted_text_shows_values_when_asked() -> None:
    shown = piiscan.highlight(TEXT, piiscan.scan(TEXT), reveal=True)
    assert f"<mark>{PERSON} <small>se-personnummer</small></mark>" in shown._repr_html_()
    assert str(shown) == TEXT


def test_highlighted_markup_is_inert() -> None:
    text = f"<script>alert(1)</script> {PERSON}"
    assert "<script>" not in piiscan.highlight(text, piiscan.scan(text))._repr_html_()
