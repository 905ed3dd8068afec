"""What expressions of views do to the meaning of their columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.classification.engine.transforms import Effect, effect_of

KEEPS, HIDES, ENDS = Effect


@pytest.mark.parametrize(
    ("expression", "effect"),
    [
        ("LOWER(TRIM(c.email))", KEEPS),
        ("CAST(email AS TEXT)", KEEPS),
        ("c.email::varchar", KEEPS),
        ("COALESCE(c.email, c.phone, '')", KEEPS),
        ("first_name || ' <' || email || '>'", KEEPS),
        ("CONCAT(first_name, ' ', \"Email\")", KEEPS),
        ("MAX(email)", KEEPS),
        ("CASE WHEN closed THEN NULL ELSE email END", KEEPS),
        ("MD5(LOWER(email))", HIDES),
        ("ENCODE(DIGEST(email, 'sha256'), 'hex')", HIDES),
        ("SHA2(CONCAT(salt, email), 256)", HIDES),
        ("mask_inner(email, 1, 1)", HIDES),
        ("pgp_sym_encrypt(email, key)", HIDES),
        ("CONCAT(MD5(email), email)", KEEPS),
        ("pgp_sym_decrypt(email, key)", ENDS),
        ("COUNT(DISTINCT email)", ENDS),
        ("LENGTH(email)", ENDS),
        ("SUBSTRING(email, 1, 1)", ENDS),
        ("email LIKE '%@x'", ENDS),
        ("email IS NULL", ENDS),
        ("CASE WHEN email = 'a' THEN 1 ELSE 0 END", ENDS),
        ("ROW_NUMBER() OVER (PARTITION BY email ORDER BY id)", ENDS),
        ("amount * email", ENDS),
        ("'email'", ENDS),
    ],
)
def test_what_is_done_to_a_column(expression: str, effect: Effect) -> None:
    assert effect_of(expression, "email") is effect


def test_a_renamed_column_is_told_where_all_agree() -> None:
    assert effect_of("MD5(e)", "email") is HIDES
    assert effect_of("CONCAT(MD5(e), a)", "email") is ENDS


@given(st.text(alphabet="ab()'\",|:.=* \n[]`casewhn", max_size=40))
def test_no_text_breaks_it_and_nothing_outside_a_hash_is_stronger(text: str) -> None:
    inner = effect_of(text, "mail")
    assert inner in Effect
    assert effect_of("upper(mail)", "mail") is KEEPS
